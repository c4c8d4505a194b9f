"""What somebody was about to do when they had to sign in: open a page, or send a form that they had filled in.

The sign-in form carries it along in hidden fields, so nothing is kept of it here, and nothing typed is lost.
"""

from typing import NamedTuple

from django.conf import settings
from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

# Fields that no page may contain again, by a part of their names, and the one that each form of a page has of its own.
SECRET, TOKEN = ("password", "code", "key"), "csrfmiddlewaretoken"


class Interrupted(NamedTuple):
    address: str
    """The path, with its query, that they were about to open or to send the form to. It is one of this site."""
    typed: str = ""
    """The fields of the form, as in the body of its POST. Empty for a page."""

    @classmethod
    def by(cls, request: HttpRequest) -> "Interrupted":
        """What this request was about to do. A form of another site is not carried along: nobody here filled it in."""
        if is_of_another_site(request):
            return cls(reverse("staff:day"))
        typed = QueryDict(mutable=True)
        for name, values in request.POST.lists():
            if name != TOKEN and not any(part in name for part in SECRET):
                typed.setlist(name, values)
        return cls(request.get_full_path(), typed.urlencode())

    @classmethod
    def carried_by(cls, request: HttpRequest) -> "Interrupted":
        """What a sign-in form, or a link to it, carries along. Nobody can be sent to another site by it."""
        given = request.POST if request.method == "POST" else request.GET
        address = given.get("next", "")
        if not (address.startswith("/") and url_has_allowed_host_and_scheme(address, allowed_hosts=None)):
            return cls(reverse("staff:day"))
        return cls(address, request.POST.get("typed", ""))

    @property
    def fields(self) -> list[tuple[str, str]]:
        """The name and the value of each field, for a form that can send them once more."""
        return [(name, value) for name, values in QueryDict(self.typed).lists() for value in values]


def is_of_another_site(request: HttpRequest) -> bool:
    """Whether a page of another site has sent this, as far as the browser says. Some say nothing of it."""
    ours = {f"{request.scheme}://{request.get_host()}", *settings.CSRF_TRUSTED_ORIGINS}
    from_elsewhere = request.headers.get("Origin") not in {None, *ours}
    return from_elsewhere or request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin"
