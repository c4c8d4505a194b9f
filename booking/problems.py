"""Errors of the JSON API: application/problem+json (RFC 9457), the same shape for all."""

from http import HTTPStatus
from typing import Any

from django.http import JsonResponse


class Problem(Exception):
    """Raised by API operations. `detail` says what to do; `errors` maps a field to its sentences."""

    def __init__(self, status: int, detail: str, **members: Any) -> None:
        super().__init__(detail)
        self.status, self.detail, self.members = status, detail, members

    def response(self, headers: dict[str, str] | None = None) -> JsonResponse:
        body = {
            "type": "about:blank",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": self.detail,
            **self.members,
        }
        return JsonResponse(body, status=self.status, headers=headers, content_type="application/problem+json")
