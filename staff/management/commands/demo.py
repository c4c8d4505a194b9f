"""The command that `make run` calls: booking's practice, and what the desk shows of it while DEBUG is on."""

import logging
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group, User
from django.db import transaction
from django.utils import timezone

from booking.management.commands.demo import Command as PracticeCommand
from booking.models import Appointment, PracticeSetting, Provider
from staff.demo_logins import LOGINS, DemoLogin
from staff.demo_week import DemoWeek
from staff.models import ProviderLogin


class Command(PracticeCommand):
    help = (
        "Load a small practice to try the site with. While DEBUG is on it has a week behind it and one ahead, and "
        "logins for the desk without a password. A database that has a provider already is left alone."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--empty", action="store_true", help="With nobody booked, and without logins.")

    @transaction.atomic
    def handle(self, *args: Any, empty: bool, **options: Any) -> None:
        if Provider.objects.exists():
            return
        super().handle(*args, **options)
        if settings.DEBUG and not empty:
            logins = make_logins()
            make_week(logins["Reception"])
            keep_the_policy(logins["Owner"])
            self.stdout.write(f"Booked {Appointment.objects.count()} appointments around today.")


def make_logins() -> dict[str, User]:
    """Make the logins, and return each by its role."""
    return {login.group: make_login(login) for login in LOGINS}


def make_login(login: DemoLogin) -> User:
    first_name, last_name = login.name
    user = User(username=login.username, first_name=first_name, last_name=last_name)
    user.is_staff = login.group == "Owner"
    user.set_unusable_password()
    user.save()
    user.groups.set(Group.objects.filter(name=login.group))
    if login.group == "Provider":
        ProviderLogin.objects.create(user=user, provider=Provider.objects.get(name__endswith=last_name))
    return user


def keep_the_policy(owner: User) -> None:
    """Have the owner decide on the policy of the environment, which a real one is asked to."""
    PracticeSetting.objects.change({"CANCELLATION_POLICY": None}, owner, known=PracticeSetting.objects.newest())


def make_week(reception: User) -> None:
    # Each payment writes a line to the log, which is for those that come later.
    logging.disable(logging.INFO)
    try:
        DemoWeek(reception, timezone.now()).make()
    finally:
        logging.disable(logging.NOTSET)
