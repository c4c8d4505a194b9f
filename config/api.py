"""The JSON API: the operations of booking and payments under /api, and their errors as problem+json (RFC 9457)."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy
from django.views.decorators.http import require_safe
from ninja.errors import HttpError, ValidationError

from booking.api.idempotency import idempotent
from booking.api.operations import router as booking
from booking.api.problems import Problem
from booking.api.schemas import AppointmentIn
from booking.responses import page
from config.openapi import DocumentedAPI
from payments.api import router as payments

# What pydantic says of each kind of error that a field of ours can have. Of a wrong form it would quote a regular
# expression.
WRONG = {
    "missing": gettext_lazy("Field required"),
    "string_type": gettext_lazy("Input should be a valid string"),
    "string_unicode": gettext_lazy("Input should be a valid string, unable to parse raw data as a unicode string"),
    "string_too_short": ngettext_lazy(
        "String should have at least %(min_length)d character",
        "String should have at least %(min_length)d characters",
        "min_length",
    ),
    "string_too_long": ngettext_lazy(
        "String should have at most %(max_length)d character",
        "String should have at most %(max_length)d characters",
        "max_length",
    ),
    "calendar_date": gettext_lazy("Value error, a date is YYYY-MM-DD"),
}
NOT_IN_THE_RIGHT_FORM = gettext_lazy("Not in the right form")

api = DocumentedAPI(
    title="Appointments",
    version="1",
    urls_namespace="api",
    docs_url=None,
    docs_decorator=require_safe,
    description="Book an appointment and pay for it. Times are ISO 8601 with an offset, prices decimal strings.",
)
api.add_decorator(idempotent, mode="view")
api.add_router("", booking)
api.add_router("", payments)


@api.exception_handler(Problem)
def on_problem(request: HttpRequest, problem: Problem) -> HttpResponse:
    return problem.response()


@api.exception_handler(Http404)
def on_not_found(request: HttpRequest, error: Http404) -> HttpResponse:
    return Problem(404, _("There is nothing at this address. Check the reference or slug in it.")).response()


@api.exception_handler(HttpError)
def on_http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
    """Answer a body that ninja could not parse, which is the one case in which it raises HttpError here."""
    return Problem(error.status_code, _("The body is not valid JSON. Send one JSON object.")).response()


@api.exception_handler(ValidationError)
def on_invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    errors: dict[str, list[str]] = {}
    for one in error.errors:
        # Where the whole body is wrong, ninja names the parameter by which our operation takes it.
        field = "body" if one["loc"][-1] == "asked" else str(one["loc"][-1])
        errors.setdefault(field, []).append(sentence(one, field))
    return Problem(422, _("Correct the fields named in errors."), errors=errors).response()


def sentence(error: dict[str, Any], field: str) -> str:
    """What is wrong with a field, and what would be right, in the language that is asked for."""
    wrong = WRONG.get(error["type"], NOT_IN_THE_RIGHT_FORM) % error.get("ctx", {})
    described = AppointmentIn.model_fields.get(field)
    return f"{wrong}. {_(described.description or '')}" if described else f"{wrong}."


@api.exception_handler(Exception)
def on_failure(request: HttpRequest, error: Exception) -> HttpResponse:
    """Leave any other error to Django, which logs and answers it. While DEBUG is on, ninja would show a traceback."""
    raise error


@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """The OpenAPI description as a page to read. It needs no script, so none is fetched from elsewhere."""
    schema = api.get_openapi_schema(path_prefix="/api")
    operations = [
        {
            **operation,
            "method": method.upper(),
            "path": path,
            "parameters": with_notes(operation["parameters"]),
            "fields": with_notes(body_fields(schema, operation)),
        }
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
    ]
    return page(request, "api_docs.html", {"schema": schema, "operations": operations})


def body_fields(schema: dict[str, Any], operation: dict[str, Any]) -> list[dict[str, Any]]:
    """The fields of the JSON object that an operation takes, each described like a parameter of OpenAPI."""
    if "requestBody" not in operation:
        return []
    reference = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"]
    body = schema["components"]["schemas"][reference.rpartition("/")[2]]
    return [{"name": name, "required": name in body["required"], **field} for name, field in body["properties"].items()]


def with_notes(fields: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**field, "note": note(field)} for field in fields]


def note(field: dict[str, Any]) -> str:
    """What the page says after the name of a parameter or field: `, optional. The slug of a service.`"""
    optional = "" if field["required"] else ", optional"
    return f"{optional}. {field['description']}" if field.get("description") else optional
