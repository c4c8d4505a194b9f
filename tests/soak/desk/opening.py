"""What is there before the desks open: the logins of those who work at them, and who was booked for yesterday."""

from datetime import timedelta
from decimal import Decimal

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group, User

from booking.models import Provider
from staff.models import ProviderLogin
from tests.factories import in_days, make_appointment
from tests.soak.desk.colleagues import PASSWORD

A_QUARTER = timedelta(minutes=15)
# From eight to eighteen o'clock.
MOST_OF_A_DAY = 40


def hire(desks: int) -> None:
    """Make the logins of so many desks. At each work an owner, a receptionist and one of the providers."""
    password = make_password(PASSWORD)
    for desk, provider in enumerate(Provider.objects.order_by("pk")[:desks]):
        for role in ("Owner", "Reception", "Provider"):
            user = User.objects.create(username=f"{role.lower()}{desk}", password=password)
            user.groups.add(Group.objects.get(name=role))
        ProviderLogin.objects.create(user=user, provider=provider)


def book_for_yesterday(each: int) -> None:
    """Write down so many appointments of each provider that have begun, so that somebody may not have come.

    They were free of charge, for clients of whom only a phone number is known.
    """
    nothing = {"price": Decimal(0), "due_at_practice": Decimal(0)}
    facts = {"status": "confirmed", **nothing, "email": "", "client_phone": "+353871234567"}
    for provider in Provider.objects.all():
        begins = in_days(-1, "08:00", provider=provider)
        for number in range(min(each, MOST_OF_A_DAY)):
            make_appointment(provider=provider, at=begins + number * A_QUARTER, **facts)
