"""The settings of the practice: typed, looked at as clients will see them, then saved, each change with its name."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from booking import colour
from booking.in_force import SetAtTheDesk, in_force
from booking.models import PracticeSetting, SetMeanwhile
from booking.responses import page
from staff import opening
from staff.access import SETTINGS, DeskRequest, desk
from staff.forms.as_shown import brought_up_to_date
from staff.forms.settings import ASKED, SettingsForm
from staff.settings_as_typed import Step, Texts, in_force_by, is_readable, step, steps
from staff.settings_left import left_to_do

# How many of the last changes the page lists.
LISTED = 20


@require_http_methods(["GET", "HEAD", "POST"])
@desk(SETTINGS)
def settings(request: DeskRequest) -> HttpResponse:
    """Show what is in force. A POST shows what clients would see instead or, with `save`, saves it."""
    newest, texts = PracticeSetting.objects.newest(), PracticeSetting.objects.read_texts()
    if request.method != "POST":
        return show(request, SettingsForm(None, texts), newest)
    known = number_in(request.POST)
    was = all_in_force_by(PracticeSetting.objects.read_texts(as_of=known))
    form = SettingsForm(brought_up_to_date(request.POST, was, all_in_force_by(texts)), texts)
    if not form.is_valid():
        return show(request, form, known, status=422)
    if problem := why_not_yet(request.POST, form, known, newest):
        return look(request, form, newest, problem=problem, status=409)
    if "save" not in request.POST:
        return look(request, form, newest)
    try:
        PracticeSetting.objects.change(form.changes, request.user, known=newest)
    except SetMeanwhile:
        return settings(request)
    messages.success(request, _("Saved. Clients see it within seconds, and what is booked already stays as it is."))
    for sentence in left_to_do(form.changes, request.user):
        messages.info(request, sentence)
    return HttpResponseRedirect(reverse("staff:settings"), status=303)


def number_in(typed: QueryDict) -> int:
    """The number of the last change that somebody was shown, and 0 for one that is none."""
    text = typed.get("known", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


def all_in_force_by(texts: Texts) -> dict[str, str]:
    return {name: in_force_by(texts, name) for name in ASKED}


def why_not_yet(typed: QueryDict, form: SettingsForm, known: int, newest: int) -> str:
    """Why nothing can be saved before somebody has looked at it (again); otherwise empty."""
    if known < newest:
        return what_others_did(known)
    if "save" in typed and typed.get("looked") != form.looked:
        return _("Nothing is saved yet, as this is not what you looked at. This is how it would be.")
    return ""


def what_others_did(known: int) -> str:
    names = PracticeSetting.objects.filter(pk__gt=known).values_list("by_name", flat=True)
    sentence = _(
        "Nothing is saved yet, as %(name)s has changed settings since you opened this page. Look at yours again: they "
        "are below, among what is set now."
    )
    return sentence % {"name": ", ".join(dict.fromkeys(names))}


def look(request: DeskRequest, form: SettingsForm, newest: int, **context: Any) -> HttpResponse:
    """Show what would change and a sample of what clients would see, with the button that saves it."""
    after = {**form.texts, **form.changes}
    labelled = [(ASKED[step.name].label, step) for step in steps(form.changes, form.texts)]
    looked = {"steps": labelled, "sample": all_in_force_by(after), "is_darkened": is_darkened(form), "has_looked": True}
    return show(request, form, newest, **{**looked, **context})


def is_darkened(form: SettingsForm) -> bool:
    """Whether a colour was chosen on which white letters could not be read, so that pages have a shade of it."""
    chosen = form.changes.get("PRACTICE_COLOUR")
    return chosen is not None and colour.light(chosen).accent != chosen.lower()


def show(request: DeskRequest, form: SettingsForm, newest: int, *, status: int = 200, **context: Any) -> HttpResponse:
    known = {
        "form": form,
        "opening": opening.read(request),
        "known": newest,
        "unreadable": [ASKED[name].label for name in SetAtTheDesk.read(form.texts).unreadable if name in ASKED],
        "zone": in_force.zone,
        "history": [(ASKED[one.name].label, one, step_of(one)) for one in last_changes()],
    }
    return page(request, "staff/settings.html", {**known, **context}, status=status)


def last_changes() -> list[Any]:
    changes = PracticeSetting.objects.filter(name__in=ASKED).with_text_before()
    return list(changes.order_by("-pk")[:LISTED])


def step_of(change: Any) -> Step:
    """What was in force before the change, and after it. Of what nobody had set that is the environment's value."""
    return step(change.name, {change.name: change.text_before}, {change.name: change.text})


@require_safe
@desk(SETTINGS)
def colour_of_sample(request: DeskRequest) -> HttpResponse:
    """The stylesheet that gives the sample on the page of settings a colour that is not the practice's yet."""
    asked = request.GET.get("colour", "")
    chosen = asked if is_readable("PRACTICE_COLOUR", asked) else in_force.PRACTICE_COLOUR
    declarations = colour.custom_properties(colour.light(chosen), colour.dark(chosen))
    return HttpResponse(f".sample {{ {declarations} }}\n", content_type="text/css; charset=utf-8")
