"""The addresses of the API, openapi.json and the page of documentation: each says what the API does."""

import json

import pytest
from django.test import Client
from django.urls import get_resolver

from booking.models import Appointment
from tests.booking.api.program import PROBLEM, asked, assert_invalid, assert_problem, post

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon_in_dublin", "default_rules", "address")]


@pytest.mark.parametrize(
    ("method", "address", "allowed"),
    [
        ("post", "/api/providers", {"GET"}),
        ("put", "/api/providers", {"GET"}),
        ("get", "/api/appointments", {"POST"}),
        ("delete", "/api/appointments", {"POST"}),
        ("post", "/api/providers/dr-ada-byrne/slots", {"GET"}),
        ("delete", "/api/appointments/some-reference", {"GET"}),
        ("get", "/api/appointments/some-reference/cancel", {"POST"}),
        ("get", "/api/appointments/some-reference/checkout", {"POST"}),
    ],
)
def test_the_wrong_method_is_405_and_names_the_right_one(client, provider, method, address, allowed):
    response = getattr(client, method)(address)
    assert_problem(response, 405, "Method Not Allowed")
    assert set(response["Allow"].replace(" ", "").split(",")) - {"HEAD", "OPTIONS"} == allowed


@pytest.mark.parametrize(
    "address", ["/api/", "/api/nothing", "/api/providers/", "/api/appointments/", "/api/appointments/a b", "/api/%00"]
)
def test_an_address_that_is_none_is_404_as_a_problem(client, address):
    assert_problem(client.get(address), 404, "Not Found")


def test_the_schema_lists_every_route(client):
    [mounted] = [one for one in get_resolver().url_patterns if str(one.pattern) == "api/"]
    routes = {str(one.pattern) for one in mounted.url_patterns} - {"", "openapi.json"}
    response = client.get("/api/openapi.json")
    paths = response.json()["paths"]
    assert (response.status_code, response["Content-Type"]) == (200, "application/json")
    assert set(paths) == {f"/api/{route.replace('<slug:', '{').replace('>', '}')}" for route in routes}
    assert {path: sorted(methods) for path, methods in paths.items()} == {
        "/api/providers": ["get"],
        "/api/providers/{slug}/slots": ["get"],
        "/api/appointments": ["post"],
        "/api/appointments/{reference}": ["get"],
        "/api/appointments/{reference}/cancel": ["post"],
        "/api/appointments/{reference}/checkout": ["post"],
    }


def test_the_schema_says_which_fields_are_needed(client):
    schema = client.get("/api/openapi.json").json()["components"]["schemas"]["AppointmentIn"]
    assert schema["required"] == ["provider_name", "appointment_time", "client_email"]
    optional = [
        "service",
        "client_name",
        "client_phone",
        "for_whom",
        "note",
    ]
    assert sorted(schema["properties"]) == sorted([*schema["required"], *optional])


@pytest.fixture
def schema(client):
    return client.get("/api/openapi.json").json()


def operations(schema):
    return {f"{method} {path}": one for path, methods in schema["paths"].items() for method, one in methods.items()}


def resolved(schema, node):
    return schema["components"]["schemas"][node["$ref"].rpartition("/")[2]]


def test_the_schema_says_that_every_refusal_is_a_problem(schema):
    answers = [answer for one in operations(schema).values() for answer in one["responses"].items()]
    refusals = [answer["content"] for status, answer in answers if int(status) >= 400]
    assert {json.dumps(content) for content in refusals} == {
        json.dumps({PROBLEM: {"schema": {"$ref": "#/components/schemas/ProblemOut"}}})
    }
    problem = resolved(schema, refusals[0][PROBLEM]["schema"])
    assert problem["required"] == ["type", "title", "status", "detail"]
    assert set(problem["properties"]) - set(problem["required"]) == {"errors", "alternatives"}


def test_the_schema_says_what_can_come_of_each_operation(schema):
    assert {name: sorted(map(int, one["responses"])) for name, one in operations(schema).items()} == {
        "get /api/providers": [200, 500, 503],
        "get /api/providers/{slug}/slots": [200, 404, 422, 500, 503],
        "post /api/appointments": [201, 400, 409, 413, 415, 422, 429, 500, 503],
        "get /api/appointments/{reference}": [200, 404, 500, 503],
        "post /api/appointments/{reference}/cancel": [200, 400, 404, 409, 413, 422, 429, 500, 503],
        "post /api/appointments/{reference}/checkout": [200, 400, 404, 409, 413, 422, 429, 500, 503],
    }


def test_the_schema_says_how_each_post_is_sent_again(schema):
    for name, one in operations(schema).items():
        keys = [(header["name"], header["required"]) for header in one["parameters"] if header["in"] == "header"]
        replayed = {
            int(status) for status, to in one["responses"].items() if "Idempotent-Replayed" in to.get("headers", {})
        }
        posts = name.startswith("post")
        assert (name, keys) == (name, [("Idempotency-Key", False)] if posts else [])
        assert (name, replayed) == (name, {min(map(int, one["responses"])), 409} if posts else set())


def test_the_schema_says_when_to_come_again_and_where_the_appointment_is(schema):
    headers = {
        int(status): list(answer["headers"])
        for status, answer in operations(schema)["post /api/appointments"]["responses"].items()
        if "headers" in answer
    }
    again = "Retry-After"
    assert headers == {
        201: ["Location", "Idempotent-Replayed"],
        409: ["Idempotent-Replayed", again],
        429: [again],
        503: [again],
    }


def test_the_schema_leads_from_an_appointment_to_what_can_be_done_with_it(schema):
    known = {one["operationId"]: name for name, one in operations(schema).items()}
    for name in ("post /api/appointments", "get /api/appointments/{reference}"):
        answers = operations(schema)[name]["responses"]
        links = answers[min(answers)]["links"]
        assert {known[link["operationId"]] for link in links.values()} == {
            "get /api/appointments/{reference}",
            "post /api/appointments/{reference}/cancel",
            "post /api/appointments/{reference}/checkout",
        }
        assert [link["parameters"] for link in links.values()] == [{"reference": "$response.body#/reference"}] * 3


def test_the_schema_has_the_lengths_of_the_columns(schema):
    fields = schema["components"]["schemas"]["AppointmentIn"]["properties"]
    texts = {name: field.get("anyOf", [field])[0] for name, field in fields.items()}
    names = ("client_email", "client_name", "client_phone", "note")
    columns = {name: Appointment._meta.get_field(name).max_length for name in names}
    assert {name: texts[name]["maxLength"] for name in columns} == columns
    assert {name for name, text in texts.items() if text.get("minLength") or name == "client_email"} == set(asked())


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"client_email": "jo"}, "Not in the right form. An email address, like name@example.com."),
        ({"client_name": "x" * 101}, "String should have at most 100 characters. One line of up to 100 characters."),
    ],
    ids=str,
)
def test_what_the_schema_refuses_is_told_with_what_would_be_right(client, provider, wrong, sentence):
    [field] = wrong
    assert assert_invalid(post(client, asked(**wrong)), field) == {field: [sentence]}


def test_the_docs_are_a_page_of_our_own_that_names_every_route(client):
    response = client.get("/api/docs")
    page = response.content.decode()
    paths = client.get("/api/openapi.json").json()["paths"]
    assert (response.status_code, response["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert [path for path in paths if path not in page] == []
    assert page.count("<code>Idempotency-Key</code> in the header, optional.") == 3
    assert [src for src in page.split('src="')[1:] if not src.startswith(("/static/", "/coloured/"))] == []


def test_the_docs_are_only_read():
    assert Client().post("/api/docs").status_code == 405
