"""The week behind and the week ahead of the demonstration: appointments in all states, and time off at Christmas.

All of it is booked, paid, moved and cancelled by the methods that the site itself uses; only the moments at which that
was done are then written into the past. It is the same whenever it is made, but for the day that it is made around.
"""

import json
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from io import StringIO
from itertools import cycle
from typing import NamedTuple

from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import call_command
from django.utils import timezone

from booking.models import Appointment, ByStaff, Change, Mail, Provider, Service, TimeOff
from booking.schedule.diary import Diary
from booking.zones import to_utc
from payments.checkout import save_before_opening
from payments.gateway import session_of
from payments.models import Payment, WebhookEvent
from payments.reconciliation import catch_up
from payments.settlement import record_paid

# The times of a full day of each provider, by their own clock, and what is booked then. On other days it is one of
# them.
FULL_DAY: dict[str, list[tuple[str, str]]] = {
    "dr-aoife-brennan": [
        ("09:00", "consultation"),
        ("09:30", "consultation"),
        ("10:00", "blood-test"),
        ("10:45", "introductory-call"),
        ("11:30", "consultation"),
        ("14:00", "consultation"),
        ("15:30", "consultation"),
    ],
    "daniel-okafor": [
        ("08:00", "physiotherapy"),
        ("09:00", "physiotherapy"),
        ("11:00", "physiotherapy"),
        ("13:15", "introductory-call"),
        ("14:00", "running-analysis"),
    ],
    "marta-ruiz": [
        ("10:00", "therapy-session"),
        ("11:00", "therapy-session"),
        ("13:00", "introductory-call"),
        ("16:00", "therapy-session"),
        ("18:00", "therapy-session"),
    ],
    "saoirse-kelly": [
        ("09:00", "dietary-plan"),
        ("11:00", "dietary-plan"),
        ("13:30", "introductory-call"),
        ("15:00", "dietary-plan"),
    ],
}
DAYS = range(-7, 8)


class Person(NamedTuple):
    name: str
    email: str = ""
    phone: str = ""
    note: str = ""


CLIENTS = [
    Person("Róisín O'Neill", "roisin.oneill@example.com", "+353871234567", "Comes with her daughter."),
    Person("Pádraig Ó Súilleabháin", "padraig@example.com", "+353861112223"),
    Person("Emma Murphy", "emma.murphy@example.com"),
    Person("Jakub Nowak", "j.nowak@example.com", "+48512345678", "Prefers English, reads Polish."),
    Person("Gráinne Ní Bhriain", "grainne@example.com", "+353851234567"),
    Person("Tom Fitzgerald", "tom.fitz@example.com", note="Left knee; runs the marathon in October."),
    Person("Aisha Rahman", "aisha.r@example.com", "+353899876543"),
    Person("Liam Byrne", "liam.byrne@example.com"),
    Person("Carmen Ortega", "carmen.ortega@example.com", "+34612345678", "By video."),
    Person("Sean O'Neill", "sean.oneill@example.com", "+353867654321"),
    Person("Noor de Vries", "noor@example.com", "+31612345678"),
    Person("Deirdre Kavanagh", "deirdre.k@example.com", "+353871112233", "Needs the ground floor."),
    Person("Oluwaseun Adeyemi", "seun@example.com", "+353838765432"),
    Person("Niamh Gallagher", "niamh.g@example.com"),
    Person("Peter Hofmann", "peter.hofmann@example.com", "+4915123456789"),
    Person("Siobhán Doyle", "siobhan.doyle@example.com", "+353852223344", "New: bring the old letters."),
    Person("Marek Kovács", "marek@example.com"),
]
CALLER = Person("Bridie Mac Mahon", phone="+35316012345", note="Has no e-mail; call her after six.")


class DemoWeek:
    def __init__(self, reception: User, now: datetime) -> None:
        self.reception, self.now, self.today = reception, now, timezone.localdate(now)

    def make(self) -> None:
        clients = cycle(CLIENTS)
        first, after = self.days_off
        for provider in Provider.objects.all():
            begins, ends = to_utc(first, time(0), provider.zone), to_utc(after, time(0), provider.zone)
            TimeOff.objects.create(provider=provider, starts=begins, ends=ends)
        for provider, service, moment in self.planned():
            booked_at = min(moment, self.now) - timedelta(days=2 + moment.day % 5, minutes=7 * moment.hour)
            self.book_and_pay(provider, service, moment, next(clients), booked_at)
        self.change_some()
        self.book_some_more()

    @property
    def days_off(self) -> tuple[date, date]:
        """From Christmas Eve until after New Year's Day: the first time at which that is after the week ahead."""
        year = self.today.year
        if date(year, 12, 24) <= self.today + timedelta(days=DAYS[-1]):
            year += 1
        return date(year, 12, 24), date(year + 1, 1, 2)

    def planned(self) -> Iterator[tuple[Provider, Service, datetime]]:
        """Who is booked for what and when: a full day today and on the next day of work, else one time a day."""
        for provider in Provider.objects.prefetch_related("services", "working_hours"):
            services = {service.slug: service for service in provider.services.all()}
            days = list(self.days_of_work(provider))
            full = [day for day in days if day >= self.today][:2]
            for number, day in enumerate(days):
                plan = FULL_DAY[provider.slug]
                for clock, slug in plan if day in full else [plan[number % len(plan)]]:
                    yield provider, services[slug], to_utc(day, time.fromisoformat(clock), provider.zone)

    def days_of_work(self, provider: Provider) -> Iterator[date]:
        weekdays = {hours.weekday for hours in provider.working_hours.all()}
        days = (self.today + timedelta(days=number) for number in DAYS)
        return (day for day in days if day.weekday() in weekdays)

    def book_and_pay(
        self, provider: Provider, service: Service, moment: datetime, client: Person, booked_at: datetime
    ) -> None:
        """Book as this client has done some days before. Without the sandbox nobody can have paid: then it is free."""
        free = ByStaff(self.reception, free_of_charge=True)
        waived = service.due_online and not settings.STRIPE_SANDBOX
        appointment = self.book(provider, service, moment, client, free if waived else None)
        if appointment.status == Appointment.Status.HELD:
            pay_in_sandbox(appointment, booked_at)
        write_into_the_past(appointment, booked_at)

    def book(
        self, provider: Provider, service: Service, moment: datetime, client: Person, staff: ByStaff | None = None
    ) -> Appointment:
        return Appointment.objects.book(
            provider=provider,
            service=service,
            appointment_time=moment,
            client_email=client.email,
            client_name=client.name,
            client_phone=client.phone,
            note=client.note,
            staff=staff,
        )

    def change_some(self) -> None:
        """Two clients did not come, one appointment was moved, and two were cancelled: by staff and by the client."""
        confirmed = Appointment.objects.filter(status=Appointment.Status.CONFIRMED).order_by("appointment_time", "pk")
        began = confirmed.filter(appointment_time__lt=self.now - timedelta(days=1))
        for missed in began[2:8:5]:
            missed.mark_no_show(self.reception)
        coming = confirmed.filter(appointment_time__gt=self.now + timedelta(hours=30))
        priced, free = coming.filter(service__price__gt=0), coming.filter(service__price=0)
        moved, cancelled, given_up = priced[2], priced[6], free[0]
        moved.reschedule(self.free_time(moved.provider, moved.service, days=9), by=self.reception)
        cancelled.cancel(Decimal(0), by=self.reception)
        given_up.cancel()
        for appointment in (moved, cancelled, given_up):
            write_into_the_past(appointment, self.now - timedelta(hours=20))

    def book_some_more(self) -> None:
        """Times that are kept for payment, by a link that staff have sent or read out, or by a client just now."""
        providers = {provider.slug: provider for provider in Provider.objects.bookable()}
        aoife, daniel = providers["dr-aoife-brennan"], providers["daniel-okafor"]
        marta, saoirse = providers["marta-ruiz"], providers["saoirse-kelly"]
        self.book_next(marta, CLIENTS[2], days=4, by_link=True)
        self.book_next(daniel, CALLER, days=5, by_link=True)
        self.book_next(aoife, CLIENTS[11], days=2, free_of_charge=True)
        self.book_next(saoirse, CLIENTS[7], days=1)
        lapsed = self.book_next(daniel, CLIENTS[10], days=2)
        Appointment.objects.filter(pk=lapsed.pk).update(hold_expires_at=self.now - timedelta(hours=3))
        Appointment.objects.filter(pk=lapsed.pk).lapse(self.now)
        write_into_the_past(lapsed, self.now - timedelta(hours=3, minutes=15))

    def book_next(
        self, provider: Provider, client: Person, *, days: int, by_link: bool = False, free_of_charge: bool = False
    ) -> Appointment:
        """Book at the desk, or as a client who has not paid yet if it is neither by link nor free of charge."""
        service = provider.offered[0]
        moment = self.free_time(provider, service, days=days)
        kept_until = min(self.now + timedelta(days=2), moment - timedelta(minutes=30)).replace(second=0, microsecond=0)
        by_staff = ByStaff(self.reception, kept_until if by_link else None, free_of_charge)
        return self.book(provider, service, moment, client, by_staff if by_link or free_of_charge else None)

    def free_time(self, provider: Provider, service: Service, *, days: int) -> datetime:
        """The free time that is nearest to so many days from now."""
        return Diary(provider, service, self.now).nearest_free(self.now + timedelta(days=days), count=1)[0]


def pay_in_sandbox(appointment: Appointment, at: datetime) -> None:
    """Write down a payment of some time ago, here and in the sandbox, so that the two agree."""
    payment = save_before_opening(appointment)
    payment.expires_at = at + timedelta(minutes=settings.CHECKOUT_MINUTES)
    payment.params["expires_at"] = int(payment.expires_at.timestamp())
    paid = call_command("sandbox_paid", json.dumps(payment.params), at.isoformat(), stdout=StringIO())
    session = session_of(json.loads(paid))
    payment.checkout_session_id = session.id
    payment.save(update_fields=["expires_at", "params", "checkout_session_id"])
    record_paid(payment, session)
    payment.refresh_from_db()
    catch_up(payment, must_read=False)
    Payment.objects.filter(pk=payment.pk).update(created_at=at, asked_at=at, paid_at=at)
    hear_of(payment, at)
    appointment.refresh_from_db()


def hear_of(payment: Payment, at: datetime) -> None:
    """Write down the webhook that told of it, or the health of the site would be that webhooks are missing."""
    told = WebhookEvent(event_id=f"evt_demo_{payment.pk}", type="checkout.session.completed", livemode=False)
    told.object_id, told.processed_at = payment.checkout_session_id or "", at
    told.save()
    WebhookEvent.objects.filter(pk=told.pk).update(received_at=at)


def write_into_the_past(appointment: Appointment, at: datetime) -> None:
    """Have all that was done with it, and each mail of that, be of that moment. What is due later stays as it is."""
    rows = Appointment.objects.filter(pk=appointment.pk)
    rows.filter(created_at__gt=at).update(created_at=at)
    for name in ("confirmed_at", "cancelled_at", "expired_at"):
        rows.filter(**{f"{name}__gt": at}).update(**{name: at})
    Change.objects.filter(appointment=appointment, at__gt=at).update(at=at)
    sent = {"status": Mail.Status.SENT, "attempts": 1}
    moments = dict.fromkeys(("created_at", "due_at", "first_due_at", "claimed_at", "sent_at"), at)
    owed = Mail.objects.filter(appointment=appointment, status=Mail.Status.OWED, due_at__lte=timezone.now())
    owed.update(**sent, **moments)
