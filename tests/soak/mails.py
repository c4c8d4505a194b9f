"""Compare the mails in our database with those that came to the mail server."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from django.db.models import Count

from booking.models import Appointment, Change, Mail, WaitingEntry

# In seconds, and a minute less than an hour: the product counts from when it begins to send a mail, and the mail server
# from when the mail comes, which may be later.
AN_HOUR = 59 * 60
# How the addresses begin that somebody else has typed, and whose owners confirm nothing.
STRANGER = "stranger"
# How the occasion of a mail begins with which staff have sent a link once more.
SENT_AGAIN = "sent again"


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
    yield from not_told_once()
    yield from links_not_sent_again()
    yield from to_nobody()
    yield from owed_twice()
    yield from sent_in_vain_or_twice([arrival.message_id for arrival in arrivals], killed)
    yield from too_many_for_one_client(arrivals)
    yield from told_otherwise_than_asked_for()
    yield from more_to_a_stranger(arrivals)


def not_told_once() -> Iterator[str]:
    """Expect one mail that confirms, in whatever status, for each appointment that was confirmed, and else none.

    Of those that staff have booked by link, expect one mail with the link. Nobody is told who has no email address. To
    whom staff have given one later, or from whom they have taken it, one or none may have gone.
    """
    booked = Change.objects.filter(kind=Change.Kind.BOOKED, appointment__price__gt=0)
    have_link = set(booked.exclude(facts__has_key="at_practice").values_list("appointment", flat=True))
    confirmations, links = (first_mails(kind) for kind in (Mail.Kind.CONFIRMED, Mail.Kind.PAYMENT_LINK))
    readdressed = with_another_address()
    for pk, email, confirmed_at in Appointment.objects.values_list("pk", "client_email", "confirmed_at"):
        for told, reason in ((confirmations[pk], confirmed_at is not None), (links[pk], pk in have_link)):
            if told != bool(reason and email) and not (reason and told <= 1 and pk in readdressed):
                yield f"Appointment {pk} has {confirmations[pk]} mails that confirm it, and {links[pk]} with a link."


def first_mails(kind: Mail.Kind) -> Counter[int]:
    """Count the mails of that kind to the client of each appointment, without those that staff have sent again."""
    mails = Mail.objects.filter(kind=kind, reader=Mail.Reader.CLIENT).exclude(occasion__startswith=SENT_AGAIN)
    return Counter(mails.values_list("appointment", flat=True))


def with_another_address() -> set[int]:
    corrected = Change.objects.filter(kind=Change.Kind.CORRECTED, facts__fields__icontains="client_email")
    return set(corrected.values_list("appointment", flat=True))


def links_not_sent_again() -> Iterator[str]:
    mails = Mail.objects.filter(occasion__startswith=SENT_AGAIN, reader=Mail.Reader.CLIENT)
    again = Counter(mails.values_list("appointment", flat=True))
    pressed = Counter(Change.objects.filter(kind=Change.Kind.LINK).values_list("appointment", flat=True))
    for pk in again.keys() | pressed.keys():
        if again[pk] != pressed[pk]:
            yield f"Appointment {pk}: sending its link again was pressed {pressed[pk]} times, for {again[pk]} mails."


def to_nobody() -> Iterator[str]:
    """Nothing is owed to a client of whom only a phone number was ever known."""
    to_clients = Mail.objects.filter(reader=Mail.Reader.CLIENT, appointment__client_email="")
    for mail in to_clients.exclude(appointment__in=with_another_address()):
        yield f"Mail {mail.pk} is to the client of appointment {mail.appointment_id}, who has no email address."


def owed_twice() -> Iterator[str]:
    occasions = Mail.objects.filter(waiting=None).order_by().values("appointment", "kind", "reader", "occasion")
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
    """Count a mail that came twice, as after a crash, only once. Links to pay are never put off, and not counted."""
    counted = Mail.objects.filter(reader=Mail.Reader.CLIENT).exclude(kind__in=Mail.TO_PAY)
    to_clients = set(counted.values_list("message_id", flat=True))
    moments: dict[str, list[float]] = defaultdict(list)
    for moment, message_id, address in arrivals:
        if message_id in to_clients:
            to_clients.remove(message_id)
            moments[address].append(moment)
    for address, came in moments.items():
        if any(sixth < first + AN_HOUR for first, sixth in zip(came, came[Mail.AN_HOUR_TO_ONE_CLIENT :], strict=False)):
            yield f"{address} got more than {Mail.AN_HOUR_TO_ONE_CLIENT} mails within an hour."


def told_otherwise_than_asked_for() -> Iterator[str]:
    """One mail asks whether somebody waits. Whoever confirms that gets one for each time of which they are told."""
    mails = Mail.objects.exclude(waiting=None)
    owed = Counter((mail.waiting_id, mail.kind, mail.facts.get("offer")) for mail in mails)
    yield from (f"Owed {count} times to who waits: {which}." for which, count in owed.items() if count > 1)
    for mail in mails.filter(kind=Mail.Kind.TIME_FREED, waiting__confirmed_at=None):
        yield f"Mail {mail.pk} tells somebody of a time who never confirmed that they wait."


def more_to_a_stranger(arrivals: list[Arrival]) -> Iterator[str]:
    """Count a mail that came twice, as after a crash, only once."""
    came = Counter({arrival.message_id: arrival.address for arrival in arrivals}.values())
    strangers = WaitingEntry.objects.filter(confirmed_at=None, address__startswith=STRANGER)
    for address in strangers.values_list("address", flat=True):
        if came[address] > 1:
            yield f"{address}, who never confirmed anything, got {came[address]} mails."
