"""A form that was interrupted, shown once more before it is sent: by a sign-in, here or in another tab."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from booking.responses import page
from staff.access import LOOK, Refusal, appointments_of, over_all, providers_of, refusal, sign_in_first
from staff.again import SentAgain
from staff.interrupted import Interrupted, is_of_another_site


def of_another_site() -> Refusal:
    sentence = _("So nothing was changed. If you were led here by a link or a mail, tell the owner of the practice.")
    return Refusal(_("Another site has sent this"), sentence, shows_day=True)


def show_again(request: HttpRequest, interrupted: Interrupted, heading: str = "", status: int = 200) -> HttpResponse:
    """Show what somebody was about to send. Nothing is done with it before they press once more."""
    if reason := refusal(request.user, LOOK):
        return page(request, "staff/refused.html", reason._asdict(), status=403)
    again = SentAgain(interrupted, appointments_of(request.user), providers_of(request.user))
    context = {"interrupted": interrupted, "again": again, "heading": heading or _("You are signed in again")}
    return page(request, "staff/again.html", context, status=status)


def show_again_after_csrf_failure(request: HttpRequest) -> HttpResponse:
    """Answer a form of the desk that is older than the last time somebody signed in here, in another tab."""
    if not request.user.is_authenticated:
        return sign_in_first(request)
    if is_of_another_site(request):
        return over_all(page(request, "staff/refused.html", of_another_site()._asdict(), status=403))
    heading = _("Somebody signed in here meanwhile")
    return over_all(show_again(request, Interrupted.by(request), heading, status=403))
