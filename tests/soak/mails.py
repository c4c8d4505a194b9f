"""Compare the mails in our database with those that came to the mail server."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from django.db.models import Count

from booking.models import Appointment, Mail

# In seconds, and a minute less than an hour: the product counts from when it begins to send a mail, and the mail server
# from when the mail comes, which may be later.
AN_HOUR = 59 * 60


class Arrival(NamedTuple):
    moment: float
    message_id: str
    address: str


def arrived(mails: Path) -> list[Arrival]:
    lines = mails.read_text().splitlines() if mails.exists() else []
    return sorted(Arrival(float(moment), *rest) for moment, *rest in map(str.split, lines))


def wrong(mails: Path, killed: int) -> Iterator[str]:
    """Yield a line for everything that is wrong. `killed` is how many ticks were killed."""
    arrivals = arrived(mails)
    yield from confirmed_and_not_told_once()
    yield from owed_twice()
    yield from sent_in_vain_or_twice([arrival.message_id for arrival in arrivals], killed)
    yield from too_many_for_one_client(arrivals)


def confirmed_and_not_told_once() -> Iterator[str]:
    """Expect one mail of confirmation, in whatever status, for each appointment that was confirmed, and else none."""
    confirmations = Mail.objects.filter(kind=Mail.Kind.CONFIRMED, reader=Mail.Reader.CLIENT)
    told = Counter(confirmations.values_list("appointment", flat=True))
    for pk, confirmed_at in Appointment.objects.values_list("pk", "confirmed_at"):
        if told[pk] != (1 if confirmed_at else 0):
            yield f"Appointment {pk} has {told[pk]} mails that confirm it."


def owed_twice() -> Iterator[str]:
    occasions = Mail.objects.order_by().values("appointment", "kind", "reader", "occasion")
    for twice in occasions.annotate(count=Count("pk")).filter(count__gt=1):
        yield f"Owed {twice['count']} times: {twice}."


def sent_in_vain_or_twice(came: list[str], killed: int) -> Iterator[str]:
    """Each tick that was killed may have sent one mail without saving that it is sent."""
    sent = set(Mail.objects.filter(status=Mail.Status.SENT).values_list("message_id", flat=True))
    yield from (f"Mail {message_id} is sent, and never came." for message_id in sent - set(came))
    not_written_down = len(came) - len(sent & set(came))
    if not_written_down > killed:
        yield f"{not_written_down} mails came that are not written down as sent, and only {killed} ticks were killed."


def too_many_for_one_client(arrivals: list[Arrival]) -> Iterator[str]:
    """Count a mail that came twice, as after a crash, only once."""
    to_clients = set(Mail.objects.filter(reader=Mail.Reader.CLIENT).values_list("message_id", flat=True))
    moments: dict[str, list[float]] = defaultdict(list)
    for moment, message_id, address in arrivals:
        if message_id in to_clients:
            to_clients.remove(message_id)
            moments[address].append(moment)
    for address, came in moments.items():
        if any(sixth < first + AN_HOUR for first, sixth in zip(came, came[Mail.AN_HOUR_TO_ONE_CLIENT :], strict=False)):
            yield f"{address} got more than {Mail.AN_HOUR_TO_ONE_CLIENT} mails within an hour."
