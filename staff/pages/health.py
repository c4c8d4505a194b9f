"""Whether all is well: what needs a person, what runs beside the site, and what was examined and proved last.

Nothing outside is asked while the page is looked at. Only a press examines the connections, which takes some seconds.
"""

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone, translation
from django.views.decorators.http import require_safe

from booking.in_force import in_force
from booking.models import Mail
from booking.responses import only_posted, page
from payments import doctor, gateway
from payments.health import lost_mails
from payments.models import Examination, Payment
from staff.access import EVERY_DIARY, LOOK_AFTER, DeskRequest, appointments_of, desk
from staff.health import health_of, why_it_waits
from staff.story import mailed

# Whoever has more of them to see to begins with these.
MOST_SHOWN = 20


@require_safe
@desk(EVERY_DIARY)
def health(request: DeskRequest) -> HttpResponse:
    now = timezone.now()
    lines = health_of(request, now)
    wrong = {line.key for line in lines if not line.is_well}
    context = {
        # What is to be done comes first, and of that what is wrong.
        "lines": sorted(lines, key=lambda line: (line.is_well, not line.is_urgent)),
        "zone": in_force.zone,
        "payments": waiting_payments(request) if "payments" in wrong else [],
        "mails": missing_mails(request) if "mails" in wrong else [],
    }
    if request.user.has_perm(LOOK_AFTER):
        said = {one.name: one for one in Examination.objects.all()}
        context["examined"] = said.pop(Examination.DOCTOR, None)
        context["audited"] = [one for one in said.values() if one.wrong]
    return page(request, "staff/health.html", context)


def waiting_payments(request: DeskRequest) -> list[tuple[Payment, str]]:
    """Each with why it waits. The oldest come first."""
    waiting = Payment.objects.needing_staff().filter(appointment__in=appointments_of(request.user))
    with_facts = waiting.select_related("appointment__provider", "appointment__service").prefetch_related("refunds")
    return [(payment, why_it_waits(payment)) for payment in with_facts.order_by("created_at")[:MOST_SHOWN]]


def missing_mails(request: DeskRequest) -> list[tuple[Mail, str]]:
    """Each with what became of it. Those about the next appointments come first."""
    now = timezone.now()
    lost = lost_mails(now).filter(appointment__in=appointments_of(request.user))
    with_facts = lost.select_related("appointment__provider", "appointment__service")[:MOST_SHOWN]
    return [(mail, event.sentence) for mail in with_facts for event in mailed([mail], now)]


@only_posted
@desk(LOOK_AFTER)
def examine(request: DeskRequest) -> HttpResponse:
    """Do what `manage.py doctor` does, and remember what it said. Its words are English, as on the command line."""
    with translation.override(None), gateway.within(gateway.AS_LONG_AS_A_PAGE_WAITS):
        findings = list(doctor.examine(timezone.now()))
    wrong = sum(not finding.is_well for finding in findings)
    lines = [finding.line for finding in findings]
    Examination.remember(Examination.DOCTOR, lines, wrong, timezone.now())
    return HttpResponseRedirect(f"{reverse('staff:health')}#connections", status=303)
