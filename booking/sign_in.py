"""Signing in to the admin and to the desk: nobody guesses a password, and no stranger keeps the owner of a name out.

Wrong tries are counted by network, and by name from wherever they come. Both counts a stranger can fill, and so keep
others from signing in for as long as that goes on. So a browser in which somebody has signed in before has a count of
its own for that name, and for it the other two do not matter. It is known by a signed cookie. (This is what OWASP
describes as device cookies.)
"""

import secrets
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from booking.limits import TooOften, client_ip, network_hash
from booking.models import Limit, Tries

# Colleagues share a network, and a person who has forgotten a password tries a few.
IN_A_WHILE = timedelta(minutes=10)
BY_NETWORK, BY_NAME = Limit("sign-in from", 20, IN_A_WHILE), Limit("sign-in as", 10, IN_A_WHILE)
BY_BROWSER = Limit("sign-in in", 10, IN_A_WHILE)
KNOWN_FOR = timedelta(days=365)
TOO_OFTEN = _(
    "There were too many tries to sign in, from this network or with this name, so this one was not looked at. Wait a "
    "minute and try again, or sign in where you have signed in before."
)


class SignInForm(AuthenticationForm):
    """Django's form for whoever has a login, which looks at no password after too many wrong ones.

    Its `refusal` is then set, and the view answers with `too_often`.
    """

    request: HttpRequest
    refusal: TooOften | None = None

    def clean(self) -> dict[str, Any]:
        """Count the try before the password is looked at, since many may come at the same moment."""
        counts = counts_of(self.request, self.cleaned_data.get("username", ""))
        try:
            for limit, who in counts:
                Tries.objects.take(limit, who, timezone.now())
        except TooOften as refusal:
            self.refusal = refusal
            raise ValidationError(TOO_OFTEN) from None
        cleaned_data = super().clean()
        for limit, who in counts:
            Tries.objects.give_back(limit, who)
        return cleaned_data


def counts_of(request: HttpRequest, name: str) -> list[tuple[Limit, str]]:
    """The limits that a try with this name is counted against, and as whose."""
    if browser := request.get_signed_cookie(cookie_for(name), default=""):
        return [(BY_BROWSER, browser)]
    return [(BY_NETWORK, network_hash(client_ip(request))), (BY_NAME, name.casefold())]


def cookie_for(name: str) -> str:
    """The name of the cookie of a browser in which somebody has signed in with this name. It does not tell the name."""
    return f"known_{salted_hmac('booking.sign_in', name.casefold(), algorithm='sha256').hexdigest()[:16]}"


class AdminSignInForm(SignInForm, AdminAuthenticationForm):
    """The same for the admin, where only those may sign in who are marked as staff."""


def too_often(response: HttpResponseBase, refusal: TooOften) -> None:
    """Mark the page that shows a form again as the answer to a try that was not looked at."""
    response.status_code = 429
    response["Retry-After"] = refusal.retry_after


def remember_browser(response: HttpResponseBase, name: str) -> None:
    """Let this browser be known, from now on, as one in which somebody has signed in with that name."""
    response.set_signed_cookie(
        cookie_for(name),
        secrets.token_urlsafe(16),
        max_age=KNOWN_FOR,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
