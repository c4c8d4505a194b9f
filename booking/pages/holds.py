"""Which appointments a browser has made: one signed cookie of references, and nothing that says who somebody is."""

from typing import Self

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from booking.models import new_reference

COOKIE = "holds"
# Enough that a browser which books for many people does not forget what it holds; a cookie takes four times as much.
KEPT = 40


class Holds:
    """The references of one browser, and a spare one that its next booking will take.

    The spare is handed out with the form: pressed twice before an answer came, both requests bring the same
    cookie, and the second finds the first one's hold to be its own.
    """

    def __init__(self, references: list[str]) -> None:
        self.references = references

    @classmethod
    def of(cls, request: HttpRequest) -> Self:
        cookie = request.get_signed_cookie(COOKIE, default="") or ""
        return cls(cookie.split(".") if cookie else [])

    @property
    def spare(self) -> str:
        return self.references[-1] if self.references else ""

    def hand_out_spare(self, response: HttpResponse) -> None:
        if not self.references:
            self.references.append(new_reference())
            self._remember(response)

    def add(self, reference: str, response: HttpResponse) -> None:
        known = [own for own in self.references if own != reference]
        self.references = [*known, reference, new_reference()][-KEPT:]
        self._remember(response)

    def _remember(self, response: HttpResponse) -> None:
        response.set_signed_cookie(
            COOKIE,
            ".".join(self.references),
            max_age=60 * 60 * 24 * settings.HORIZON_DAYS,
            secure=settings.HTTPS,
            httponly=True,
            samesite="Lax",
        )
