"""The kinds of environment variable that say something of the practice. Those of any site are in variable_kinds.py."""

import re
import zoneinfo

from django.core.exceptions import ImproperlyConfigured
from phonenumbers import SUPPORTED_REGIONS

from booking import colour, refund_policy
from config import languages
from config.image_files import Logo, read_logo
from config.variable_kinds import Variable, WholeNumber, separated


class TelephoneNumber(Variable[str]):
    kind = "a telephone number: 3 to 31 digits, spaces and `()./-`; `+` or `(` may come first"

    def read(self, text: str) -> str:
        if not text or re.fullmatch(r"[+(]?\d[\d ()./-]{2,30}", text, re.ASCII):
            return text
        raise ImproperlyConfigured(f"{self.name} must be a number like +353 1 555 0100, not {text!r}.")


class Months(WholeNumber):
    """A number of months. Empty is 0, as nobody has said how long."""

    def read(self, text: str) -> int:
        return super().read(text or "0")


class Country(Variable[str]):
    kind = "the two letters of a country (ISO 3166)"

    def read(self, text: str) -> str:
        if text.upper() in SUPPORTED_REGIONS:
            return text.upper()
        raise ImproperlyConfigured(f"{self.name} must be two letters like IE or US, not {text!r}.")


class Languages(Variable[list[str]]):
    kind = "two-letter codes, separated by commas"

    def __post_init__(self) -> None:
        self.bounds = f"some of {', '.join(f'`{code}`' for code in languages.NAMES)}"

    def read(self, text: str) -> list[str]:
        codes = separated(text.lower())
        if codes and len({*codes}) == len(codes) and {*codes} <= {*languages.NAMES}:
            return codes
        raise ImproperlyConfigured(
            f"{self.name} must be one or more of {', '.join(languages.NAMES)}, each once, not {text!r}."
        )


class Colour(Variable[str]):
    kind = "a colour: `#` and six hexadecimal digits"

    def read(self, text: str) -> str:
        if re.fullmatch("#[0-9a-fA-F]{6}", text):
            return text
        raise ImproperlyConfigured(f"{self.name} must be a colour like {colour.DEFAULT}, not {text!r}.")


class CancellationPolicy(Variable[str]):
    kind = "a cancellation policy: notice and share, the longest notice first"

    def read(self, text: str) -> str:
        try:
            return refund_policy.as_kept(text)
        except refund_policy.NoPolicy:
            raise ImproperlyConfigured(
                f"{self.name} names notice and share, longest notice first, like '48h 100%, 24h 50%'; "
                f"empty for no refunds. It is {text!r}."
            ) from None


class LogoFile(Variable[Logo | None]):
    kind = "the path of a PNG, WebP, JPEG or SVG image"

    def read(self, text: str) -> Logo | None:
        return read_logo(self.name, text) if text else None


class TimeZone(Variable[str]):
    kind = "a name in the [IANA time zone database](https://www.iana.org/time-zones)"

    def read(self, text: str) -> str:
        if text in zoneinfo.available_timezones():
            return text
        raise ImproperlyConfigured(f"{self.name} must be a name like Europe/Dublin, not {text!r}.")
