"""The pages of the waiting list: asking to be told of a time that frees, confirming that, and ending it.

The page of an entry has an address that nobody can guess. Whoever opens it changes nothing, since mail servers follow
the links in mails: only its buttons do.
"""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from booking.by_reference import get_by_reference, private
from booking.floods import uncounted
from booking.forms import EMAIL_ERRORS, EMAIL_INPUT
from booking.limits import TooOften, network_of
from booking.models import Appointment, Limit, Tries, WaitingEntry, offers
from booking.pages import embedding, reading_zone
from booking.pages.booking_choice import BookingChoice
from booking.pages.wishes import Wish, end_of_earlier, wishes
from booking.responses import only_posted, page
from booking.schedule.diary import Diary
from booking.text import validate_ascii

# From one network so many may ask in an hour, since each of them has a mail sent to an address that anybody may type.
ASKED = Limit("waiting list", 10, timedelta(hours=1))


class WaitingForm(forms.Form):
    """Asks for an e-mail address, and for which of the wishes it waits."""

    client_email = forms.EmailField(
        label=gettext_lazy("Email address"),
        max_length=254,
        error_messages=EMAIL_ERRORS,
        validators=[validate_ascii],
        widget=EMAIL_INPUT,
        help_text=gettext_lazy("We first send a link there, to make sure that it was you, and nothing else before."),
    )
    wish = forms.ChoiceField(
        label=gettext_lazy("When would you like a time?"),
        widget=forms.RadioSelect,
        error_messages={
            "required": gettext_lazy("Choose when you would like a time."),
            "invalid_choice": gettext_lazy("That is no longer to be waited for. Choose another."),
        },
    )
    anyone = forms.BooleanField(label=gettext_lazy("With anybody who offers this"), required=False)

    def __init__(self, data: Any, wishes: list[Wish], *, day: str, others: bool) -> None:
        """`day` is the day that was open on the page before, and `others` says whether others offer the service."""
        super().__init__(data)
        self.wishes = {wish.name: wish for wish in wishes}
        field: Any = self.fields["wish"]
        field.choices = [(wish.name, wish.words) for wish in wishes]
        field.initial = day if day in self.wishes else wishes[0].name
        self.fields["client_email"].widget.attrs.pop("maxlength", None)
        if not others:
            del self.fields["anyone"]

    @property
    def wanted(self) -> Wish:
        return self.wishes[self.cleaned_data["wish"]]


@private
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """Ask to be told of a time. The answer is the same for every address: only its owner's mail tells more."""
    choice = read_choice(request)
    possible = wishes(choice.diary) if choice.service and settings.MAIL_IS_SENT else []
    if not possible:
        # A time has become free meanwhile, or there is nothing to be waited for.
        return redirect(choice.url_so_far if choice.service else "booking:book")
    form = form_for(request, choice, possible)
    if not form.is_valid():
        return show_form(request, choice, form, status=422 if form.is_bound else 200)
    try:
        write_down(request, choice, form)
    except TooOften as limit:
        return refuse(request, choice, form, limit)
    return HttpResponseRedirect(reverse("booking:waiting-asked"), status=303)


def read_choice(request: HttpRequest) -> BookingChoice:
    """The provider, or anyone, and the service that the page before had."""
    query = request.POST if request.method == "POST" else request.GET
    kept = embedding.kept_in_links(request)
    return BookingChoice(query, browser_zone=reading_zone.of_browser(request), kept=kept)


def form_for(request: HttpRequest, choice: BookingChoice, possible: list[Wish]) -> WaitingForm:
    """The form asks whether anybody would do, unless that is chosen already or there is nobody else."""
    typed = request.POST if request.method == "POST" else None
    others = not choice.offers_of_anyone and len(offers.read_rows(service=choice.chosen_slugs["service"])) > 1
    return WaitingForm(typed, possible, day=choice.query.get("date", ""), others=others)


def write_down(request: HttpRequest, choice: BookingChoice, form: WaitingForm) -> None:
    """Raises TooOften."""
    network = network_of(request)
    if network is not None:
        Tries.objects.take(ASKED, network, choice.now)
    WaitingEntry.objects.ask(
        email=form.cleaned_data["client_email"],
        now=choice.now,
        provider=None if choice.offers_of_anyone or form.cleaned_data.get("anyone") else choice.provider,
        service=choice.service,
        since=form.wanted.since,
        until=form.wanted.until,
        time_zone=choice.zone.key,
    )


def refuse(request: HttpRequest, choice: BookingChoice, form: WaitingForm, limit: TooOften) -> HttpResponse:
    form.add_error(None, _("Too many have asked from your network just now. Try again in some minutes."))
    response = show_form(request, choice, form, status=429)
    response["Retry-After"] = limit.retry_after
    return response


def show_form(request: HttpRequest, choice: BookingChoice, form: WaitingForm, status: int) -> HttpResponse:
    return page(request, "booking/waiting/ask.html", {"choice": choice, "form": form}, status=status)


@private
@require_safe
def asked(request: HttpRequest) -> HttpResponse:
    return page(request, "booking/waiting/asked.html", {})


@private
@require_http_methods(["GET", "HEAD", "POST"])
def waiting(request: HttpRequest, key: str) -> HttpResponse:
    """Show what somebody waits for. A POST confirms that it is them."""
    entry = get_entry(key)
    if request.method == "POST":
        entry.confirm(timezone.now())
        return HttpResponseRedirect(request.path, status=303)
    return page(request, "booking/waiting/entry.html", {"entry": entry})


@csrf_exempt
@uncounted
@private
@only_posted
def stop(request: HttpRequest, key: str) -> HttpResponse:
    """End it at one press. A mail program may send this by itself, without our cookie (RFC 8058): the key is enough."""
    entry = get_entry(key)
    entry.end(WaitingEntry.Ending.BY_OWNER, timezone.now())
    return HttpResponseRedirect(reverse("booking:waiting", args=[key]), status=303)


def get_entry(key: str) -> WaitingEntry:
    """Raises Http404 also for an entry that was not confirmed in time, which is deleted."""
    entry = WaitingEntry.objects.select_related("service", "provider", "appointment").filter(key=key).first()
    if not entry:
        raise Http404
    return entry


@private
@require_http_methods(["GET", "HEAD", "POST"])
def earlier(request: HttpRequest, reference: str) -> HttpResponse:
    """Let the client of a confirmed appointment wait for an earlier time. A POST begins that."""
    appointment = get_by_reference(reference)
    if not may_wait(appointment):
        return redirect("booking:appointment", reference)
    now = timezone.now()
    diary = Diary(appointment.provider, appointment, now, moving=appointment)
    until = end_of_earlier(diary, appointment)
    if request.method == "POST" and until:
        entry, status = WaitingEntry.objects.ask_for_earlier(appointment, until, now), 409
    else:
        entry, status = WaitingEntry.objects.open().filter(appointment=appointment).first(), 200
    if entry:
        return HttpResponseRedirect(reverse("booking:waiting", args=[entry.key]), status=303)
    context = {"until": until, "free_already": free_already(diary, appointment), "full": status == 409}
    return page(request, "booking/waiting/earlier.html", {"appointment": appointment, **context}, status=status)


def free_already(diary: Diary, appointment: Appointment) -> datetime | None:
    next_free = diary.next_free()
    return next_free if next_free and next_free < appointment.appointment_time else None


def may_wait(appointment: Appointment) -> bool:
    mailed = settings.MAIL_IS_SENT and bool(appointment.client_email)
    return mailed and appointment.status == Appointment.Status.CONFIRMED and appointment.is_movable
