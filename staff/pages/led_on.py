"""Where somebody is led who has saved a service, a provider or hours: to what comes next, in few presses."""

from collections.abc import Iterator

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from booking.models import Provider, Service
from staff import opening
from staff.access import CHANGE_PROVIDER, CHANGE_SERVICE, SET_HOURS, SETTINGS, DeskRequest, providers_of
from staff.bookable import with_hours_and_service
from staff.with_links import Link, with_links

# How many providers a sentence leads to. Where there are more, it leads to their list.
LED_TO = 5


def lead_on(request: DeskRequest, saved: Service | Provider, *, is_new: bool, lacked_something: bool) -> HttpResponse:
    """`lacked_something` tells whether the practice still lacked something before this was saved."""
    if is_new and isinstance(saved, Provider) and may_set_hours(request.user, saved):
        return look_at_hours(request, saved)
    links = [another_service()] if is_new and isinstance(saved, Service) else []
    if isinstance(saved, Service) and (choices := who_may_offer(request.user, saved)):
        sentence = _(
            "Saved. No provider offers it yet, so clients cannot book it. Choose it on the page of whoever does:"
        )
        return say(request, with_links(sentence, *choices, *links), list_for(request.user))
    if lacked_something:
        return go_on_opening(request, *links)
    return say(request, with_links(whether_clients_see(saved), *links), list_for(request.user))


def say(request: DeskRequest, sentence: str, address: str) -> HttpResponse:
    messages.success(request, sentence)
    return HttpResponseRedirect(address, status=303)


def go_on_opening(request: DeskRequest, *links: Link) -> HttpResponse:
    """Lead to the list of what a practice needs before it can open, and say what comes next."""
    found = opening.read(request)
    if found.next_step:
        sentence = _("Saved. What comes next:")
    elif found.if_you_like:
        sentence = _("Saved. Clients can book now. What you may want to look at:")
    else:
        sentence = _("Saved. Clients can book now, and nothing is left to do at the desk.")
    return say(request, with_links(sentence, *next_at_the_desk(found), *links), reverse("staff:day"))


def look_at_hours(request: DeskRequest, provider: Provider) -> HttpResponse:
    """Lead to the hours of a new provider, which are alike on all days until somebody has looked at them."""
    here = reverse("staff:hours", args=[provider.slug])
    if not provider.working_hours.exists():
        sentence = _("Saved. Clients can book %(provider)s once there are hours: set them here.")
    elif can_be_booked(provider):
        sentence = _(
            "Saved. Clients can book %(provider)s at these hours. Look whether they are right: breaks, and other hours "
            "on some days, are set here. If they are, go on:"
        )
    else:
        sentence = _(
            "Saved. %(provider)s offers no service yet, so clients cannot book them. Look whether these hours are "
            "right: breaks, and other hours on some days, are set here. If they are, go on:"
        )
    links = [link for link in after_hours(request, provider) if link.address != here]
    return say(request, with_links(sentence % {"provider": provider}, *links), here)


def after_hours(request: DeskRequest, provider: Provider) -> Iterator[Link]:
    """What somebody goes on with who finds the hours of a provider right, or has made them so."""
    steps = [*next_at_the_desk(opening.read(request))] if request.user.has_perm(SETTINGS) else []
    if not (steps or provider.services.exists()) and request.user.has_perm(CHANGE_PROVIDER):
        steps = [Link(reverse("staff:provider", args=[provider.slug]), _("Choose services"))]
    yield from steps
    yield Link(reverse("booking:book"), _("See the page that clients see"))


def next_at_the_desk(found: opening.Opening) -> Iterator[Link]:
    """The next step that is needed, and otherwise those that are left if somebody likes."""
    steps = [found.next_step] if found.next_step else found.if_you_like
    return (Link(step.address, step.where) for step in steps)


def another_service() -> Link:
    return Link(reverse("staff:add-service"), _("Add another service"))


def who_may_offer(user: User, saved: Service) -> list[Link]:
    """Where to choose a service that is offered to nobody, though there are providers."""
    providers = list(providers_of(user).filter(active=True)) if user.has_perm(CHANGE_PROVIDER) else []
    if not saved.active or saved.providers.filter(active=True).exists():
        return []
    if len(providers) > LED_TO:
        return [Link(reverse("staff:services"), _("Services and providers"))]
    return [Link(reverse("staff:provider", args=[one.slug]), one.name) for one in providers]


def whether_clients_see(saved: Service | Provider) -> str:
    if can_be_booked(saved):
        return _("Saved. Clients see it at once, and what is booked already stays as it is.")
    return _("Saved. Clients cannot book this at present.")


def can_be_booked(saved: Service | Provider) -> bool:
    """Whether clients find it: it is offered by somebody, or they offer something themselves, and they have hours."""
    found = with_hours_and_service(Provider.objects.all())
    if isinstance(saved, Provider):
        return found.filter(pk=saved.pk).exists()
    return saved.active and found.filter(services=saved.pk).exists()


def may_set_hours(user: User, provider: Provider) -> bool:
    return user.has_perm(SET_HOURS) and providers_of(user).filter(pk=provider.pk).exists()


def list_for(user: User) -> str:
    """Where somebody goes on who has saved something, or nothing: to the day if the list is not theirs to see."""
    return reverse("staff:services" if user.has_perm(CHANGE_SERVICE) else "staff:day")
