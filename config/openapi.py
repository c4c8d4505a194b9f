"""What openapi.json says beyond what ninja knows: errors, the Idempotency-Key, headers, and links to operations."""

from typing import Any

from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation

from booking.api.idempotency import IDEMPOTENCY_KEY, IDEMPOTENT_REPLAYED, KEY_PATTERN
from booking.api.problems import CONTENT_TYPE, title

# The errors about an Idempotency-Key: it is not of the right form (400), its first request is still being executed
# (409), or it came with another request before (422). And those about too much: a body that is too large (413), or too
# many POSTs (429).
OF_ANY_POST = (400, 409, 413, 422, 429)
OF_ANY_OPERATION = (500, 503)
KEY_PARAMETER = {
    "name": IDEMPOTENCY_KEY,
    "in": "header",
    "required": False,
    "description": "A new UUID with each new request. Sent again within a day, that request is answered as before.",
    "schema": {"type": "string", "pattern": KEY_PATTERN},
}
REPLAYED_HEADER = {
    IDEMPOTENT_REPLAYED: {"description": "This was answered before.", "schema": {"type": "string", "const": "true"}}
}
RETRY_AFTER = {"Retry-After": {"description": "In seconds.", "schema": {"type": "integer", "minimum": 1}}}
LOCATION = {"Location": {"required": True, "schema": {"type": "string", "format": "uri"}}}
PROBLEM = {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemOut"}}}
APPOINTMENT = {"$ref": "#/components/schemas/AppointmentOut"}
# The operations that take an appointment's reference, by the names of the links that lead to them.
OPERATIONS = {"appointment": "booking_api_appointment", "cancel": "booking_api_cancel", "pay": "payments_api_checkout"}
LINKS = {
    name: {"operationId": operation, "parameters": {"reference": "$response.body#/reference"}}
    for name, operation in OPERATIONS.items()
}


class DocumentedAPI(NinjaAPI):
    def get_openapi_operation_id(self, operation: Operation) -> str:
        """Name an operation by app and function, as in `booking_api_cancel`.

        Clients that are generated from the schema have methods of these names. The module of the function is left out,
        so that it can move without a change for those clients.
        """
        app = operation.view_func.__module__.partition(".")[0]
        return f"{app}_api_{operation.view_func.__name__}"

    def get_openapi_schema(self, **where: Any) -> OpenAPISchema:
        schema = super().get_openapi_schema(**where)
        for path, methods in schema["paths"].items():
            schema["paths"][path] = {method: completed(method, operation) for method, operation in methods.items()}
        return schema


def completed(method: str, operation: dict[str, Any]) -> dict[str, Any]:
    posts, answers = method == "post", operation["responses"]
    statuses = sorted({*answers, *OF_ANY_OPERATION, *(OF_ANY_POST if posts else ())})
    responses = {status: answers[status] if status < 400 else refusal(status) for status in statuses}
    for status, response in responses.items():
        if headers := headers_of(status, posts):
            response["headers"] = headers
        if response["content"].get("application/json", {}).get("schema") == APPOINTMENT:
            response["links"] = LINKS
    parameters = [*operation["parameters"], KEY_PARAMETER] if posts else operation["parameters"]
    return {**operation, "parameters": parameters, "responses": responses}


def refusal(status: int) -> dict[str, Any]:
    return {"description": title(status), "content": PROBLEM}


def headers_of(status: int, posts: bool) -> dict[str, Any]:
    return {
        **(LOCATION if status == 201 else {}),
        **(REPLAYED_HEADER if posts and (status < 400 or status == 409) else {}),
        **(RETRY_AFTER if status in (409, 429, 503) else {}),
    }
