"""Every column that can hold a word is either erased with a client, or listed here as one that holds nothing of one."""

import pytest
from django.apps import apps
from django.db import models

from booking.personal_data import BLANKED, DELETED
from payments.personal_data import OF_A_CLIENT

WORDS = (models.CharField, models.TextField, models.JSONField, models.BinaryField, models.GenericIPAddressField)

# By the names of their models, which are lists of columns where some of the others are erased. A column with `choices`
# holds one of these, and is not asked about.
NOTHING_OF_A_CLIENT = {
    # Random, or what the practice offers and the client agreed to.
    "booking.Appointment": {
        "reference",
        "provider_name",
        "service_name",
        "service_names",
        "currency",
        "cancellation_policy",
        "wall_time",
        "wall_zone",
        "zone_rules",
        "language",
    },
    # Moments, amounts, numbers of attempts, names of errors.
    "booking.Mail": {"occasion", "facts", "message_id", "last_error"},
    # Names of columns, moments and amounts; and the name of who of the staff did it.
    "booking.Change": {"by_name", "facts"},
    "booking.WaitingEntry": {"language"},
    "booking.IdempotentRequest": {"key_hash", "fingerprint", "reference"},
    # What the practice says of itself.
    "booking.Provider": {"name", "slug", "title", "bio", "time_zone", "place", "portrait_digest", "translations"},
    "booking.FormerProviderSlug": {"slug"},
    "booking.FormerServiceSlug": {"slug"},
    "booking.Service": {"name", "slug", "description", "translations"},
    "booking.TimeOff": {"wall_starts", "wall_ends", "wall_zone", "zone_rules"},
    "booking.Portrait": {"image"},
    # Hashes of secrets, and who of the staff has made them or written them down.
    "booking.CalendarAddress": {"digest", "made_by"},
    "booking.PracticeSetting": {"name", "text", "by_name"},
    # A hash that is keyed, and forgotten within minutes.
    "booking.Tries": {"key"},
    # Ids and addresses that Stripe has made, and codes of its own.
    "payments.Payment": {
        "currency",
        "fee_currency",
        "idempotency_key",
        "checkout_session_id",
        "url",
        "payment_intent_id",
        "dispute",
    },
    "payments.Refund": {"failure_reason", "idempotency_key", "refund_id"},
    "payments.WebhookEvent": {
        "event_id",
        "type",
        "object_id",
        "payment_intent_id",
        "account",
        "api_version",
        "last_error",
    },
    # What was paid, the practice and its offer, as they were.
    "payments.Receipt": {
        "language",
        "practice_name",
        "practice_address",
        "tax_line",
        "practice_zone",
        "service_name",
        "provider_name",
        "time_zone",
        "currency",
        "lines",
    },
    "payments.Heartbeat": {"name"},
    # How much was taken at the practice, and who wrote it down; and what `audit` and `doctor` say, by numbers of rows.
    "payments.Taking": {"currency", "by_name"},
    "payments.Examination": {"name", "lines"},
    # A keyed hash of the address or number, and the name of who of the staff has looked.
    "staff.PersonLog": {"person", "by_name"},
    # Those who work at the practice, and what they do in the admin: no row of a client can be changed there, and the
    # name of such a row is that of a service with a provider.
    "admin.LogEntry": {"object_id", "object_repr", "change_message"},
    "auth.User": {"password", "username", "first_name", "last_name", "email"},
    "auth.Group": {"name"},
    "auth.Permission": {"name", "codename"},
    "contenttypes.ContentType": {"app_label", "model"},
    "sessions.Session": {"session_key", "session_data"},
    "otp_totp.TOTPDevice": {"name", "key"},
    "otp_static.StaticDevice": {"name"},
    "otp_static.StaticToken": {"token"},
}
# The sandbox stands in for Stripe, and keeps what Stripe would keep. Where Stripe takes the money it has no tables.
STRIPE = {"sandbox"}


def columns_with_words():
    """Yield the label of each model and the names of its columns that can hold a word."""
    for model in apps.get_models(include_auto_created=True):
        if model._meta.app_label in STRIPE:
            continue
        names = {field.name for field in model._meta.concrete_fields if isinstance(field, WORDS) and not field.choices}
        if names:
            yield model._meta.label, names


def erased():
    return {
        model._meta.label: set(columns) for lists in (BLANKED, DELETED, OF_A_CLIENT) for model, columns in lists.items()
    }


@pytest.mark.any_engine
def test_each_column_is_erased_or_holds_nothing_of_a_client():
    known = erased()
    forgotten = {
        label: names - known.get(label, set()) - NOTHING_OF_A_CLIENT.get(label, set())
        for label, names in columns_with_words()
    }
    assert {label: names for label, names in forgotten.items() if names} == {}


@pytest.mark.any_engine
def test_no_list_names_a_column_that_is_not_there_or_that_another_one_names():
    there, known = dict(columns_with_words()), erased()
    gone = {label: names - there.get(label, set()) for label, names in [*known.items(), *NOTHING_OF_A_CLIENT.items()]}
    both = {label: known.get(label, set()) & names for label, names in NOTHING_OF_A_CLIENT.items()}
    assert ({label for label, names in gone.items() if names}, {label for label, names in both.items() if names}) == (
        set(),
        set(),
    )


@pytest.mark.any_engine
def test_what_is_left_of_a_blanked_row_is_what_its_columns_allow():
    """An empty text, and no null: older code reads these columns as it always has."""
    assert {value for columns in BLANKED.values() for value in columns.values()} == {""}
