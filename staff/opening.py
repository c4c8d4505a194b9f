"""From nothing to open: what a practice still lacks before clients can book and pay, and where it is done."""

from collections.abc import Iterator
from typing import NamedTuple

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from booking.in_force import in_force
from booking.models import Provider, Service
from staff.settings_as_typed import is_policy_decided


class Missing(NamedTuple):
    sentence: str
    where: str = ""
    """What the link says."""
    address: str = ""
    """Empty for what is not done on any page, but where the site runs."""


def missing() -> list[Missing]:
    """All that is missing, in the order in which it is best done. A practice that can be booked costs one query."""
    return [*([] if can_be_booked() else lacking()), *undecided(), *where_it_runs()]


def missing_on_the_day() -> list[Missing]:
    """What the day tells: nothing on a trial site that lacks only a Stripe account, which each page says anyway."""
    found = missing()
    return found if any(one.address for one in found) or not settings.MAIL_IS_SENT else []


def can_be_booked() -> bool:
    return Provider.objects.filter(active=True, services__active=True, working_hours__isnull=False).exists()


def lacking() -> Iterator[Missing]:
    """What a client lacks who wants to book. The services come first, since whoever adds a provider chooses theirs."""
    provider = Provider.objects.filter(active=True).first()
    has_service = Service.objects.filter(active=True).exists()
    if not has_service:
        sentence = _("There is nothing to book yet. Add a service, with its length and price.")
        yield Missing(sentence, _("Add a service in the set-up"), reverse("admin:booking_service_add"))
    if not provider:
        sentence = _("There is nobody to book yet. Add whoever sees clients: you, to begin with.")
        yield Missing(sentence, _("Add a provider in the set-up"), reverse("admin:booking_provider_add"))
        return
    if has_service and not Provider.objects.bookable().exists():
        sentence = _("No provider offers a service yet. Choose the services of %(provider)s.")
        address = reverse("admin:booking_provider_change", args=[provider.pk])
        yield Missing(sentence % {"provider": provider}, _("Choose services in the set-up"), address)
    if not Provider.objects.filter(active=True, working_hours__isnull=False).exists():
        sentence = _("Nobody has working hours yet, so there is no time to choose.")
        yield Missing(sentence, _("Set the hours"), reverse("staff:hours", args=[provider.slug]))


def undecided() -> Iterator[Missing]:
    if not is_policy_decided(in_force.set_at_the_desk.texts):
        sentence = _("What comes back to a client who cancels is not decided yet. Look at the policy, and save it.")
        yield Missing(sentence, _("Decide on it"), f"{reverse('staff:settings')}#id_CANCELLATION_POLICY")


def where_it_runs() -> Iterator[Missing]:
    if not settings.MAIL_IS_SENT:
        yield Missing(_("No mail is sent, so no client gets a confirmation. Whoever runs this site sets EMAIL_URL."))
    if settings.STRIPE_SANDBOX:
        yield Missing(_("No money moves yet. Whoever runs this site connects Stripe, by STRIPE_SECRET_KEY."))
