"""Errors of the JSON API, all in one shape: application/problem+json (RFC 9457)."""

from http import HTTPStatus
from typing import Any

from django.http import JsonResponse

CONTENT_TYPE = "application/problem+json"
# Python 3.13 has other words for these two than the versions before. Ours are the same on every Python.
TITLES = {413: "Content Too Large", 422: "Unprocessable Entity"}


def title(status: int) -> str:
    """HTTP's own words for a status."""
    return TITLES.get(status) or HTTPStatus(status).phrase


class Problem(Exception):
    """An error for operations of the API to raise.

    `detail` is a sentence that says what to do. `members` are further members of the JSON object, such as `errors` with
    the sentences about each field.
    """

    def __init__(self, status: int, detail: str, headers: dict[str, str] | None = None, **members: Any) -> None:
        super().__init__(detail)
        self.status, self.detail, self.headers, self.members = status, detail, headers, members

    def response(self) -> JsonResponse:
        body = {
            "type": "about:blank",
            "title": title(self.status),
            "status": self.status,
            "detail": self.detail,
            **self.members,
        }
        return JsonResponse(body, status=self.status, headers=self.headers, content_type=CONTENT_TYPE)
