"""The command that loads the practice of a demonstration, which `make run` puts into an empty database."""

from datetime import time
from decimal import Decimal
from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction
from django.utils.text import slugify

from booking.demo_words import WORDS
from booking.models import Provider, Service, WorkingHours

Weekday = WorkingHours.Weekday
WEEK = list(Weekday)[:5]

# Each row has a name, a description, the minutes that it takes, the minutes of buffer after it, and a price.
SERVICES = [
    ("Consultation", "A first conversation about what brings you here.", 30, 0, "60.00"),
    ("Therapy session", "Fifty minutes of talking therapy, in person or by video.", 50, 10, "85.00"),
    ("Physiotherapy", "Assessment and hands-on treatment.", 45, 15, "75.00"),
    ("Dietary plan", "We go through your week and make a plan that fits it.", 60, 0, "95.00"),
    ("Introductory call", "A quarter of an hour by phone to see whether we are right for you.", 15, 0, "0.00"),
    ("Blood test", "Fasting or not, as your doctor has told you.", 15, 0, "35.00"),
    ("Running analysis", "On the treadmill, with a camera and a plan to take home.", 60, 15, "120.00"),
]
# All others are paid online.
HOW_IT_IS_PAID: dict[str, dict[str, Any]] = {
    "Blood test": {"payment": Service.Payment.AT_PRACTICE},
    "Running analysis": {"payment": Service.Payment.DEPOSIT, "deposit": Decimal("40.00")},
}
HOUSE = "12 Linden Road, Dublin 6"
# Each row has a name, a title, a biography, a place, a time zone, the services, the days and the hours of each day.
PROVIDERS: list[tuple[str, str, str, str, str, list[str], list[Weekday], list[tuple[int, int]]]] = [
    (
        "Dr Aoife Brennan",
        "General practitioner",
        "Family doctor for twenty years; takes time to listen.",
        HOUSE,
        "Europe/Dublin",
        ["Consultation", "Introductory call", "Blood test"],
        WEEK,
        [(9, 13), (14, 17)],
    ),
    (
        "Daniel Okafor",
        "Physiotherapist",
        "Backs, knees and shoulders, and runners who want to run again.",
        HOUSE,
        "Europe/Dublin",
        ["Physiotherapy", "Introductory call", "Running analysis"],
        [*WEEK, Weekday.SATURDAY],
        [(8, 12), (13, 16)],
    ),
    (
        "Marta Ruiz",
        "Psychotherapist",
        "Works online from Madrid, in English and Spanish.",
        "Online: the practice sends you the link",
        "Europe/Madrid",
        ["Therapy session", "Introductory call"],
        WEEK[:4],
        [(10, 14), (16, 20)],
    ),
    (
        "Saoirse Kelly",
        "Dietitian",
        "Eating well with diabetes, coeliac disease, or a busy week.",
        HOUSE,
        "Europe/Dublin",
        ["Dietary plan", "Introductory call"],
        [Weekday.TUESDAY, Weekday.WEDNESDAY, Weekday.THURSDAY, Weekday.FRIDAY],
        [(9, 12), (13, 18)],
    ),
]


class Command(BaseCommand):
    help = "Load a small practice to try the site with. A database that has a provider already is left alone."

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        if Provider.objects.exists():
            return
        services = {row[0]: self.add_service(position, row) for position, row in enumerate(SERVICES)}
        for name, title, bio, place, time_zone, offered, days, hours in PROVIDERS:
            facts = {"title": title, "bio": bio, "place": place, "time_zone": time_zone}
            # The house has the same address in all languages.
            words = {"title": WORDS[title], "bio": WORDS[bio], "place": WORDS.get(place, {})}
            provider = Provider.objects.create(name=name, slug=slugify(name), translations=words, **facts)
            provider.services.set(services[service] for service in offered)
            for day in days:
                for opens, closes in hours:
                    provider.working_hours.create(weekday=day, opens=time(opens), closes=time(closes))
        self.stdout.write(f"Loaded a practice with {len(PROVIDERS)} providers and {len(SERVICES)} services.")

    def add_service(self, position: int, row: tuple[str, str, int, int, str]) -> Service:
        name, description, minutes, buffer, price = row
        return Service.objects.create(
            name=name,
            slug=slugify(name),
            position=position,
            description=description,
            duration_minutes=minutes,
            buffer_minutes=buffer,
            price=Decimal(price),
            translations={"name": WORDS[name], "description": WORDS[description]},
            **HOW_IT_IS_PAID.get(name, {}),
        )
