"""Time zones whose clocks change in unusual ways.

On Lord Howe they change by half an hour, and in Santiago, Cairo and Nuuk around midnight. Apia once skipped a day.
"""

from zoneinfo import ZoneInfo

from hypothesis import strategies as st

DUBLIN = ZoneInfo("Europe/Dublin")
NEW_YORK = ZoneInfo("America/New_York")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")
SANTIAGO = ZoneInfo("America/Santiago")
CAIRO = ZoneInfo("Africa/Cairo")
NUUK = ZoneInfo("America/Nuuk")
APIA = ZoneInfo("Pacific/Apia")
VANCOUVER = ZoneInfo("America/Vancouver")

ANY = st.sampled_from([DUBLIN, NEW_YORK, LORD_HOWE, SANTIAGO, CAIRO, NUUK, VANCOUVER, ZoneInfo("Asia/Kolkata")])
