"""What the booking operations of the API take and give, as pydantic checks it and /api/openapi.json describes it."""

from contextlib import suppress
from datetime import date
from typing import Annotated, Any, Literal

from django.utils.translation import gettext_noop
from ninja import Field, Query, Schema
from pydantic import BeforeValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from booking.text import EMAIL, ONE_LINE, PHONE, PLAIN_TEXT


def documented(**schema: Any) -> WithJsonSchema:
    """A string that the API's schema describes more closely than pydantic checks it.

    We write such strings ourselves, or the URL's route and the booking form check them.
    """
    return WithJsonSchema({"type": "string", **schema})


Slug = Annotated[str, documented(pattern="^[-a-zA-Z0-9_]+$", maxLength=100)]
Instant = Annotated[str, documented(format="date-time")]
Url = Annotated[str, documented(format="uri")]
DECIMAL = r"^[0-9]+(\.[0-9]+)?$"
Price = Annotated[str, documented(pattern=DECIMAL)]
DueOnline = Annotated[
    str, documented(pattern=DECIMAL, description="What of the price is paid online, before it is confirmed.")
]
DueAtPractice = Annotated[str, documented(pattern=DECIMAL, description="The rest, which is paid at the practice.")]
Currency = Annotated[str, documented(pattern="^[a-z]{3}$")]


def calendar_date(text: str) -> date:
    """Read a date in the form YYYY-MM-DD only. Python reads other forms as well, and pydantic seconds since 1970."""
    with suppress(ValueError):
        day = date.fromisoformat(text)
        if day.isoformat() == text:
            return day
    raise PydanticCustomError("calendar_date", "Value error, a date is YYYY-MM-DD")


Day = Annotated[date, BeforeValidator(calendar_date), Query(...)]


class ServiceOut(Schema):
    name: str = Field(description="In the language that Accept-Language asks for, if the practice has given it.")
    slug: Slug
    duration_minutes: int
    price: Price
    due_online: DueOnline
    due_at_practice: DueAtPractice
    currency: Currency


class ProviderOut(Schema):
    name: str
    slug: Slug
    time_zone: str
    services: list[ServiceOut]
    next_free: Instant | None = Field(
        description="The first free slot for the first of the services, on the provider's clock; null if there is none."
    )


class SlotsOut(Schema):
    date: date
    time_zone: str
    slots: list[Instant]


class AppointmentIn(Schema):
    # The fields take the same values as the booking form. A program reads a description also after a wrong value, in
    # the language that it asks for.
    provider_name: str = Field(
        min_length=1,
        max_length=100,
        pattern=ONE_LINE,
        description=gettext_noop("The name of a provider, as GET /api/providers has it."),
    )
    appointment_time: str = Field(
        min_length=1,
        max_length=40,
        description=gettext_noop(
            "ISO 8601 with its offset, like 2026-12-01T09:00+00:00. A slot may be sent as it came."
        ),
        json_schema_extra={"format": "date-time"},
    )
    client_email: str = Field(
        max_length=254,
        pattern=EMAIL,
        description=gettext_noop("An email address, like name@example.com."),
        json_schema_extra={"format": "email"},
    )
    service: str | None = Field(
        None,
        max_length=100,
        pattern="^[-a-zA-Z0-9_]*$",
        description=gettext_noop("The slug of a service; else the provider's first."),
    )
    client_name: str | None = Field(
        None, max_length=100, pattern=ONE_LINE, description=gettext_noop("One line of up to 100 characters.")
    )
    client_phone: str | None = Field(
        None,
        max_length=32,
        pattern=PHONE,
        description=gettext_noop("With its country, like +353 87 123 4567, or as it is dialled in the practice's."),
    )
    for_whom: str | None = Field(
        None,
        max_length=100,
        pattern=ONE_LINE,
        description=gettext_noop("The name of who comes, if it is not the client: one line of up to 100 characters."),
    )
    note: str | None = Field(
        None,
        max_length=1000,
        pattern=PLAIN_TEXT,
        description=gettext_noop("Up to 1,000 characters, without control characters."),
    )


class AppointmentOut(Schema):
    reference: Slug
    status: Literal["held", "confirmed", "cancelled", "expired"]
    provider_name: str
    service: Slug
    appointment_time: Instant
    duration_minutes: int
    client_email: str
    price: Price
    due_online: DueOnline
    due_at_practice: DueAtPractice
    currency: Currency
    hold_expires_at: Instant | None
    payment_url: Url | None


class ProblemOut(Schema):
    """RFC 9457."""

    type: str
    title: str
    status: int
    detail: str = Field(description="What to do about it.")
    errors: dict[str, list[str]] = Field(default_factory=dict, description="Sentences by field, at 422.")
    alternatives: list[Instant] = Field(default_factory=list, description="The nearest free slots, of a time taken.")
