"""Give django-appointment the practice that the product has: the same providers, hours and standing appointments.

Providers and appointments keep the ids that they have in the product's database.
"""

from datetime import time, timedelta
from importlib.metadata import version
from typing import Any

import psycopg
from appointment.models import Appointment, AppointmentRequest, Config, Service, StaffMember, WorkingHours
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import connection, transaction
from django.test import Client

User = get_user_model()
OPENS, CLOSES, STEP, GAP = time(9), time(17), 15, 5
# The providers who have all the appointments offer the only service that takes 25 minutes.
STAFF = """
    SELECT provider.id, provider.name FROM booking_provider AS provider
    JOIN booking_provider_services AS offers ON offers.provider_id = provider.id
    JOIN booking_service AS service ON service.id = offers.service_id
    WHERE service.duration_minutes = 25
"""
# The appointments of the product that stand: a cancelled one is deleted in this package. They are numbered by client.
STANDING = """
    (SELECT *, dense_rank() OVER (ORDER BY client_email) AS client,
        appointment_time AT TIME ZONE wall_zone AS starts_on_wall, "end" AT TIME ZONE wall_zone AS ends_on_wall
    FROM booking_appointment WHERE status IN ('held', 'confirmed')) AS standing
"""
USERS = {
    "id": "client",
    "username": "client_email",
    "email": "client_email",
    "first_name": "min(client_name)",
    "last_name": "''",
    "password": "'!'",
    "is_superuser": "false",
    "is_staff": "false",
    "is_active": "true",
    "date_joined": "min(created_at)",
}
REQUESTS = {
    "id": "id",
    "date": "starts_on_wall::date",
    "start_time": "starts_on_wall::time",
    "end_time": "ends_on_wall::time",
    "staff_member_id": "provider_id",
    "payment_type": "'full'",
    "id_request": "reference",
    "reschedule_attempts": "0",
    "created_at": "created_at",
    "updated_at": "created_at",
}
APPOINTMENTS = {
    "id": "id",
    "client_id": "client",
    "appointment_request_id": "id",
    "phone": "'+353871234567'",
    "address": "''",
    "want_reminder": "false",
    "additional_info": "note",
    "paid": "true",
    "amount_to_pay": "price",
    "id_request": "reference",
    "created_at": "created_at",
    "updated_at": "created_at",
}


def fill(product_url: str, clients: int) -> dict[str, Any]:
    """Fill an empty database, and return what is needed to visit the site, and to book as so many signed-in clients."""
    # The package brings no migrations. Its documents tell whoever installs it to make them.
    call_command("makemigrations", "appointment", verbosity=0)
    call_command("migrate", verbosity=0)
    with psycopg.connect(product_url) as product, transaction.atomic():
        copy(product, User, USERS, f"{STANDING} GROUP BY client, client_email")
        together, alone = offer_services()
        for number, name in product.execute(STAFF).fetchall():
            hire(number, name, together)
        StaffMember.objects.earliest("pk").services_offered.add(alone)
        copy(product, AppointmentRequest, REQUESTS | {"service_id": str(together.pk)}, STANDING)
        copy(product, Appointment, APPOINTMENTS, STANDING)
        signed_in = [sign_in(number) for number in range(clients)]
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    services = [together.pk, alone.pk]
    return {"version": version("django-appointment"), "services": services, "clients": signed_in}


def offer_services() -> list[Service]:
    """One service that all offer, and one that is offered by a single member of staff."""
    Config.objects.create(
        slot_duration=STEP, lead_time=OPENS, finish_time=CLOSES, appointment_buffer_time=0, slot_gap_time=GAP
    )
    names = ["Half an hour", "Half an hour, with one of us only"]
    minutes = timedelta(minutes=25)
    return [Service.objects.create(name=name, duration=minutes, price=60, currency="EUR") for name in names]


def hire(number: int, name: str, service: Service) -> None:
    first, _, last = name.rpartition(" ")
    user = User.objects.create(username=name, first_name=first, last_name=last, email=f"staff{number}@example.com")
    member = StaffMember.objects.create(pk=number, user=user, slot_duration=STEP)
    member.services_offered.add(service)
    for day in range(7):
        WorkingHours.objects.create(staff_member=member, day_of_week=day, start_time=OPENS, end_time=CLOSES)


def copy(product: psycopg.Connection, model: type, columns: dict[str, str], source: str) -> None:
    """Copy rows from the product's database. The columns are those of the model, each with what it is made of."""
    select = f"COPY (SELECT {', '.join(columns.values())} FROM {source}) TO STDOUT"
    insert = f"COPY {model._meta.db_table} ({', '.join(columns)}) FROM STDIN"
    with connection.cursor() as cursor, product.cursor() as theirs:
        with theirs.copy(select) as rows, cursor.copy(insert) as copied:
            for some in rows:
                copied.write(some)
        for reset in connection.ops.sequence_reset_sql(no_style(), [model]):
            cursor.execute(reset)


def sign_in(number: int) -> str:
    """Make an account for a client, and return the cookie of a session in which they are signed in."""
    user = User.objects.create_user(f"signed-in-{number}", f"signed-in-{number}@example.com")
    browser = Client()
    browser.force_login(user)
    return browser.cookies["sessionid"].value
