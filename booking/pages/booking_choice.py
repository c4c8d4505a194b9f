"""The booking page's state: read from its address, and what can be chosen next."""

from collections.abc import Collection, Iterable
from datetime import datetime
from functools import cached_property
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import QueryDict
from django.urls import reverse

from booking.models import Appointment, Provider, Service
from booking.pages import changes_since_shown
from booking.pages.time_choice import Refused, TimeChoice
from booking.schedule.diary import Diary


class BookingChoice(TimeChoice):
    """Read from `provider` and `service` as well, as far as given."""

    def __init__(
        self, query: QueryDict, own_references: Collection[str] = (), browser_zone: ZoneInfo | None = None
    ) -> None:
        self.own_references = own_references
        self.provider: Provider | None = None
        self.service: Service | None = None
        super().__init__(query, browser_zone)

    def read(self) -> None:
        self.read_offer(self.query.get("provider", ""), self.query.get("service", ""))
        if self.service:
            super().read()

    def read_offer(self, provider: str, service: str) -> None:
        if not (provider or service):
            return
        if provider and service:
            self.provider, self.service = Provider.objects.offering(provider, service) or (None, None)
        else:
            self.provider = Provider.objects.bookable().filter(slug=Provider.present_slug(provider)).first()
        if not self.provider:
            unknown = "We do not know this provider or service. Choose from the list."
            raise Refused(404, changes_since_shown.gone(self.query) or unknown)

    @property
    def step(self) -> str:
        if not self.service:
            return "offer"
        return "details" if self.time else "time"

    @cached_property
    def diary(self) -> Diary:
        if not (self.provider and self.service):
            raise LookupError("A diary is one provider's for one service.")
        zone = self.zone_for(self.provider.zone)
        return Diary(self.provider, self.service, self.now, self.own_references, zone=zone)

    @cached_property
    def offered(self) -> Appointment | None:
        """What a press would book, as far as it is chosen; without a time, at any."""
        if not (self.provider and self.service):
            return None
        offered = Appointment.copied_from(self.provider, self.service, self.time or self.now)
        offered.client_time_zone = self.zone.key
        return offered

    @property
    def shown(self) -> dict[str, str]:
        return changes_since_shown.shown(self.offered) if self.offered else {}

    @property
    def changes(self) -> list[str]:
        """What is no longer as it was on the page whose form was sent."""
        return changes_since_shown.changes(self.query, self.offered) if self.offered else []

    @cached_property
    def held(self) -> list[Appointment]:
        """The unpaid times that this browser keeps; no query where it has never been handed a reference."""
        held = Appointment.objects.live(self.now).holds_of(self.own_references).select_related("provider")
        return list(held) if self.own_references else []

    @cached_property
    def held_here(self) -> Appointment | None:
        """Of those, the one that is exactly what is chosen."""
        chosen = (self.provider, self.service and self.service.pk, self.time)
        return next((own for own in self.held if (own.provider, own.service_id, own.appointment_time) == chosen), None)

    @property
    def may_be_held_anew(self) -> bool:
        """With other details: no payment is on its way for it, and it is offered as it is held."""
        held, offered = self.held_here, self.offered
        return bool(
            held
            and held.hold_expires_at
            and offered
            and changes_since_shown.shown(held) == changes_since_shown.shown(offered)
        )

    def own_at(self, moment: datetime) -> Appointment | None:
        live = self.diary.provider.appointments.live(self.now)
        return live.filter(reference__in=self.own_references, appointment_time=moment).first()

    @cached_property
    def providers(self) -> Iterable[Provider]:
        return [self.provider] if self.provider else Provider.objects.bookable()

    # Addresses: each begins with the choices so far, so that a link only adds its own.

    @property
    def path(self) -> str:
        return reverse("booking:book")

    @property
    def kept(self) -> dict[str, str]:
        return {**self.offer, "date": self.open_day.isoformat()}

    @property
    def offer(self) -> dict[str, str]:
        chosen = {"provider": self.provider, "service": self.service}
        return {name: choice.slug for name, choice in chosen.items() if choice}

    @property
    def present_address(self) -> str:
        """Where the one asked for had a slug from before, the same with the present one; else empty."""
        if all(self.query[name] == slug for name, slug in self.offer.items()):
            return ""
        query = self.query.copy()
        for name, slug in self.offer.items():
            query[name] = slug
        return f"{self.path}?{query.urlencode()}"

    @cached_property
    def address(self) -> str:
        return self.address_of(self.offer)

    @property
    def provider_address(self) -> str:
        return self.address_of({"provider": self.offer["provider"]})

    @property
    def start_address(self) -> str:
        return self.address_of({})

    def address_of(self, choices: dict[str, str]) -> str:
        query = {**choices, "zone": self.chosen_zone.key} if self.chosen_zone else choices
        return f"{self.path}?{urlencode(query)}" if query else self.path
