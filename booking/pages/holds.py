"""Which appointments a browser has booked, kept in one signed cookie of references.

Nothing in the cookie says who somebody is. By it the site knows which holds are the browser's own, since nobody is shut
out by their own hold.
"""

from typing import Self

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from booking.in_force import in_force
from booking.models import new_reference

COOKIE = "holds"
# A browser that books for many people must not forget what it holds. A cookie has room for four times this number.
MAX_REFERENCES = 40


class Holds:
    """The references of the appointments that one browser has booked, and last among them a spare one.

    The spare reference belongs to no appointment yet: the browser's next booking gets it. It is handed out together
    with the form. If the form is sent twice before the first answer has come, both requests bring the same cookie. The
    first request gives the spare reference to its hold, and the second request recognises the hold by it.
    """

    def __init__(self, references: list[str]) -> None:
        self.references = references

    @classmethod
    def of(cls, request: HttpRequest) -> Self:
        cookie = request.get_signed_cookie(COOKIE, default="") or ""
        return cls(cookie.split(".") if cookie else [])

    @property
    def spare_reference(self) -> str:
        """The reference for the next booking, or empty for a browser that sent no cookie."""
        return self.references[-1] if self.references else ""

    def hand_out_spare_reference(self, response: HttpResponse) -> None:
        if not self.references:
            self.references.append(new_reference())
            self._set_cookie(response)

    def add(self, reference: str, response: HttpResponse) -> None:
        """Remember an appointment that was booked just now, and hand out the next spare reference."""
        others = [own for own in self.references if own != reference]
        self.references = [*others, reference, new_reference()][-MAX_REFERENCES:]
        self._set_cookie(response)

    def _set_cookie(self, response: HttpResponse) -> None:
        response.set_signed_cookie(
            COOKIE,
            ".".join(self.references),
            max_age=60 * 60 * 24 * in_force.HORIZON_DAYS,
            secure=settings.HTTPS,
            httponly=True,
            samesite="Lax",
        )
