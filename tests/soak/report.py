"""Count what happened during the soak, and how often it met each kind of trouble that it is made for."""

from collections import Counter
from collections.abc import Iterator

from django.utils import timezone

from booking.models import Appointment, Change, Mail
from payments.models import Payment, Refund, WebhookEvent
from payments.sandbox.models import Fault, StripeObject, WebhookDelivery
from tests.soak import freed_times
from tests.soak.processes import Processes

A_CREATE, A_REFUND = " POST /v1/checkout/sessions", " POST /v1/refunds"


def met(kills: Counter[str], answers: Counter[str]) -> dict[str, dict[str, int]]:
    """Count what the soak is for; one that met none of a kind proves nothing about that kind."""
    return {"Desk": desk(answers), "Waiting list": freed_times.became(answers), "Met": trouble(kills, answers)}


def trouble(kills: Counter[str], answers: Counter[str]) -> dict[str, int]:
    taken_again = Appointment.objects.exclude(expired_at=None).exclude(confirmed_at=None)
    lost = Fault.objects.filter(kind__in=["api.timeout", "api.error"], detail__endswith=f" after{A_CREATE}")
    saved = Fault.objects.filter(kind="api.error_saved")
    waiting = Mail.objects.filter(status=Mail.Status.OWED, due_at__gt=timezone.now(), last_error="")
    return {
        "moved while held": answers["moved while held"],
        "moved while confirmed": answers["moved while confirmed"],
        "refused to move": answers["move: 409"] + answers["move: 422"],
        "second clients of a network refused": answers["book beside another (API): 429"],
        "late payments that took their time again": taken_again.count(),
        "late payments given back": Refund.objects.filter(reason=Refund.Reason.TIME_GONE).count(),
        "double payments given back": Refund.objects.filter(reason=Refund.Reason.PAID_TWICE).count(),
        "answers lost after a create": lost.count(),
        "failures of a create that Stripe saved": saved.filter(detail__endswith=A_CREATE).count(),
        "failures of a refund that Stripe saved": saved.filter(detail__endswith=A_REFUND).count(),
        "mails that wait for their address's next hour": waiting.exclude(kind=Mail.Kind.REMINDER).count(),
        "events sent twice": Fault.objects.filter(kind="webhook.duplicate").count(),
        "kills in mid-checkout": sum(answers[f"{step}: cut off"] for step in ("checkout", "checkout (API)")),
        "kills": kills.total(),
    }


PRESSES = (
    "move",
    "cancel",
    "return a part",
    "mark a no-show",
    "undo a no-show",
    "correct the details",
    "give another deadline",
    "send the link again",
    "take a payment",
    "undo an entry",
    "ask for the rest",
)


def desk(answers: Counter[str]) -> dict[str, int]:
    """Count what staff did at the desk."""
    booked = Appointment.objects.filter(changes__kind=Change.Kind.BOOKED)
    waived = Change.objects.filter(kind=Change.Kind.BOOKED, facts__has_key="waived")
    to_be_paid_here = Change.objects.filter(kind=Change.Kind.BOOKED, facts__has_key="at_practice")
    by_link = booked.filter(price__gt=0).exclude(pk__in=to_be_paid_here.values("appointment"))
    rests = Payment.objects.filter(is_rest=True, status=Payment.Status.PAID)
    return {
        "booked by link": by_link.count(),
        "… for somebody without an email address": by_link.filter(client_email="").count(),
        "… and paid": by_link.exclude(confirmed_at=None).count(),
        "… and the deadline passed": by_link.exclude(expired_at=None).count(),
        "booked free of charge": waived.count(),
        "booked to be paid at the practice instead": to_be_paid_here.count(),
        "booked several in a row": answers["staff who booked several in a row"],
        **{what: answers[f"staff who could {what}"] for what in PRESSES},
        "… and it was paid by link": rests.filter(problem="").count(),
        "… and paid by link and here at once": answers["a rest that was paid by link and here at once"],
        "… and given back, as it was paid here": rests.filter(problem=Payment.Problem.PAID_TWICE).count(),
        "gave a deadline while the client was paying": answers["staff who gave a deadline while a client paid"],
        "moved into a time that was taken": answers["desk, move, last step (page): 409"],
        "time off over booked times": answers["time off over booked times: 303"],
        "told of what another did": answers["staff refused and told why"],
        "two at once, of whom one could": answers["two of staff at one appointment: 1 could"],
        "signed in again in mid-form": answers["staff who signed in again in mid-form"],
    }


def unfinished() -> dict[str, int]:
    """Count what tick still has to do, and what Stripe has not reported yet."""
    disputed = Payment.DISPUTED
    counts = {
        "held": Appointment.objects.filter(status=Appointment.Status.HELD),
        "awaited": Payment.objects.awaited(),
        "unknown": Payment.objects.filter(problem=Payment.Problem.UNKNOWN),
        "owed": Refund.objects.filter(status=Refund.Status.OWED).exclude(payment__dispute__in=disputed),
        "under way": Refund.objects.filter(status__in=Refund.UNDER_WAY),
        "not processed": WebhookEvent.objects.filter(processed_at=None),
        "not delivered": WebhookDelivery.objects.exclude(next_attempt_at=None),
        "mail": Mail.objects.filter(status=Mail.Status.OWED, due_at__lte=timezone.now()),
        "moving at Stripe": StripeObject.objects.filter(type="refund").exclude(internal__later=[]),
    }
    return {what: count for what, rows in counts.items() if (count := rows.count())}


def lines(running: Processes, answers: Counter[str]) -> Iterator[str]:
    """Yield every count, in sections."""
    yield from section("Appointments", Counter(Appointment.objects.values_list("status", flat=True)))
    yield from section("Payments", Counter(map(said, Payment.objects.values_list("status", "problem"))))
    yield from section("Refunds", Counter(map(said, Refund.objects.values_list("reason", "status"))))
    yield from section("Mails", Counter(map(said, Mail.objects.values_list("kind", "status"))))
    yield from section("Faults", Counter(Fault.objects.values_list("kind", flat=True)))
    yield from section("Killed", running.kills)
    yield from section("Clients", {what: count for what, count in answers.items() if what.startswith("a client who")})
    yield from section("Answers", {what: count for what, count in answers.items() if not what.startswith("a client")})


def said(words: tuple[str, str]) -> str:
    return ", ".join(filter(None, words))


def sections(met: dict[str, dict[str, int]]) -> Iterator[str]:
    return (line for title, counts in met.items() for line in section(title, counts))


def section(title: str, counts: dict[str, int]) -> Iterator[str]:
    yield f"\n{title}"
    yield from (f"  {count:7,}  {what}" for what, count in sorted(counts.items()))
