"""What becomes of bookings and payments made between a backup and its restoring: what docs/deploy.md says."""

import re
import time

from tests.rehearsal.machine import Failed
from tests.rehearsal.rehearsal import Rehearsal

ENCODING = "--tuples-only --no-align --command 'SHOW server_encoding'"
SINCE = {
    "a booking that was made and paid since": r"Session cs_\w+ at Stripe is no payment here",
    "a payment that was returned since": r"Payment \d+ has other amounts than at Stripe",
}


def back_up_and_restore(rehearsal: Rehearsal) -> None:
    cancels, pays_late, comes_after = (rehearsal.visitor() for _ in range(3))
    cancels.book_and_pay()
    pays_late.book()
    hosted = pays_late.checkout()
    rehearsal.follow("Elsewhere")
    print(rehearsal.follow("Backups"))
    pays_late.pay(hosted)
    comes_after.book_and_pay()
    cancels.cancel()
    assert [one.status for one in (cancels, pays_late, comes_after)] == ["cancelled", "confirmed", "confirmed"]

    restore, to_a_moment, afterwards = rehearsal.unread.pop("Restore")
    rehearsal.follow_block(restore)
    rehearsal.is_ready()
    assert [one.status for one in (cancels, comes_after)] == ["confirmed", ""]
    comes_after.get(f"/appointments/{comes_after.reference}/", 404)
    found = what_audit_finds(rehearsal, afterwards)
    assert pays_late.status == "confirmed"
    assert {what: len(re.findall(line, found)) for what, line in SINCE.items()} == dict.fromkeys(SINCE, 1), found
    print("\n".join(line for line in found.splitlines() if "Stripe" in line))
    if rehearsal.database == "PostgreSQL":
        assert rehearsal.machine.run(f"cd / && runuser -u postgres -- psql practice {ENCODING}") == "UTF8\n"
        restore_to_a_moment(rehearsal, to_a_moment)
    else:
        rehearsal.unread.pop("To any minute, with PostgreSQL")


def what_audit_finds(rehearsal: Rehearsal, block: str) -> str:
    try:
        rehearsal.follow_block(block)
    except Failed as found:
        return str(found)
    raise AssertionError("audit found nothing, although a payment at Stripe has no row here.")


def restore_to_a_moment(rehearsal: Rehearsal, block: str) -> None:
    rehearsal.follow("To any minute, with PostgreSQL")
    before, after = rehearsal.visitor(), rehearsal.visitor()
    before.book_and_pay()
    time.sleep(2)
    rehearsal.machine.exported["MOMENT"] = time.strftime("%Y-%m-%d %H:%M:%S+00", time.gmtime())
    time.sleep(2)
    after.book_and_pay()
    rehearsal.follow_block(block)
    rehearsal.is_ready()
    assert (before.status, after.status) == ("confirmed", "")


def everything_was_followed(rehearsal: Rehearsal, not_here: set[str]) -> None:
    assert rehearsal.unread.keys() == not_here
    failed = rehearsal.machine.run("systemctl list-units --failed --plain --no-legend 'practice-*'")
    assert failed == "", failed
