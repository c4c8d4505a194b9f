"""What a client has chosen on the booking page so far, read from its address, and what can be chosen next."""

from collections.abc import Collection, Mapping
from contextlib import suppress
from datetime import datetime
from zoneinfo import ZoneInfo

from django.http import QueryDict
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from booking.forms import parse_instant
from booking.in_force import in_force
from booking.models import Appointment, Provider, Service, offers
from booking.models.offers import Offer, Others, offer_of, offer_to_read, others_of
from booking.models.statements import Row
from booking.pages import changes_since_shown
from booking.pages.booking_links import BookingLinks
from booking.pages.offer_list import OfferList
from booking.pages.time_choice import InvalidChoice
from booking.schedule.anyone import DiaryOfAnyone
from booking.schedule.diary import Diary, FreeTimes
from booking.schedule.first_free import first_free


class BookingChoice(BookingLinks):
    """The choice of a provider, a service, and a time in that provider's diary.

    `provider` and `service` are read from the parameters of the same names, and are None until they are chosen.
    `own_references` are the references of the appointments that this browser has booked before.
    """

    def __init__(
        self,
        query: QueryDict,
        own_references: Collection[str] = (),
        browser_zone: ZoneInfo | None = None,
        *,
        kept: Mapping[str, str] | None = None,
    ) -> None:
        self.own_references, self.kept = own_references, kept or {}
        self.provider: Provider | None = None
        self.service: Service | None = None
        self.others = Others(providers=True, services=True)
        self.offers: list[Row] = []
        self.offers_of_anyone: list[Offer] = []
        self.same_time: datetime | None = None
        super().__init__(query, browser_zone)

    def read(self) -> None:
        """Read the provider and the service, and once there are both, the day or the time. Raises InvalidChoice.

        A step in which there is only one thing to choose is skipped.
        """
        provider, service = self.query.get("provider", ""), self.query.get("service", "")
        if provider and service:
            row = self.find_row(provider, service)
            self.choose([row] if row else [])
        elif service:
            self.choose_from_all(self.read_anyone(service))
        else:
            self.choose(self.read_offers(provider=Provider.present_slug(provider) if provider else None))
        if not (self.provider or self.service) and (provider or service):
            unknown = _("We do not know this provider or service. Choose from the list.")
            raise InvalidChoice(404, changes_since_shown.withdrawn_offer(self.query) or unknown)
        if self.service:
            super().read()
            self.read_like()
        if self.time and not self.provider:
            self.provider = self.whose(self.time)

    def read_like(self) -> None:
        """Open the day of another appointment's time a week on, or the first free day after it.

        `same_time` is that time if it is free. What is no such time is ignored: nobody chose it.
        """
        if self.day:
            return
        with suppress(ValueError):
            wanted = parse_instant(self.query.get("like", ""))
            day = self.diary.day_of(wanted)
            self.day = next((free for free in self.diary.days() if free >= day and self.diary.free(free)), None)
            self.same_time = wanted if self.diary.is_free(wanted) else None

    def choose(self, rows: list[Row]) -> None:
        """Choose the provider and the service as far as these offers leave nothing else. They are all that are left."""
        self.offers = rows
        if len(offers.of_each_provider(rows)) == 1:
            self.provider, service = offer_of(rows[0])
            self.service, self.others = service if len(rows) == 1 else None, others_of(rows[0])

    def choose_from_all(self, rows: list[Row]) -> None:
        """Choose the service with anyone who offers it, or with the only one who does."""
        self.choose(rows)
        if len(rows) > 1:
            self.offers_of_anyone = [offer_to_read(row) for row in rows]
            self.service = self.offers_of_anyone[0].service
            self.others = Others(providers=True, services=any(others_of(row).services for row in rows))

    def find_row(self, provider: str, service: str) -> Row | None:
        return offers.find_row(provider, service)

    def read_anyone(self, service: str) -> list[Row]:
        return offers.find_all(service)

    def read_offers(self, provider: str | None = None) -> list[Row]:
        return offers.read_rows(provider=provider)

    def whose(self, moment: datetime) -> Provider:
        """Who it will be at that time: who has it kept for this browser already, or who is to be asked first."""
        kept = {own.provider for own in self.held if (own.service, own.appointment_time) == (self.service, moment)}
        providers = (offer.provider for offer in self.offers_of_anyone)
        return next((one for one in providers if one in kept), None) or self.diary_of_anyone.whose(moment)

    @property
    def step(self) -> str:
        """The step that is open: `offer` (a provider and a service), `time`, or `details` (the form)."""
        if not self.service:
            return "offer"
        return "details" if self.time else "time"

    @cached_property
    def diary(self) -> FreeTimes:
        if self.offers_of_anyone:
            return self.diary_of_anyone
        if not (self.provider and self.service):
            raise LookupError("A diary is for one service.")
        zone = self.zone_for(self.provider.zone)
        return Diary(self.provider, self.service, self.now, self.own_references, zone=zone)

    @cached_property
    def diary_of_anyone(self) -> DiaryOfAnyone:
        return DiaryOfAnyone(self.offers_of_anyone, self.now, self.own_references, self.zone_of_anyone)

    @property
    def zone_of_anyone(self) -> ZoneInfo:
        """The zone that times with anyone are read in: that of them all, or else the client's or the practice's."""
        reading = {self.zone_for(offer.provider.zone) for offer in self.offers_of_anyone}
        others = self.chosen_zone or self.browser_zone or in_force.zone
        return reading.pop() if len(reading) == 1 else others

    @property
    def provider_zone(self) -> ZoneInfo | None:
        return self.provider.zone if self.provider and self.provider.zone != self.zone else None

    def own_appointment_at(self, moment: datetime) -> Appointment | None:
        live = Appointment.objects.live(self.now).filter(reference__in=self.own_references, appointment_time=moment)
        return (
            live.filter(provider=self.provider).first() if self.provider else live.filter(service=self.service).first()
        )

    @property
    def offer(self) -> Offer | None:
        return Offer(self.provider, self.service) if self.provider and self.service else None

    @cached_property
    def wanted_appointment(self) -> Appointment | None:
        """The appointment that the form would book, unsaved. Until a time is chosen, it is at the present moment."""
        if not (self.provider and self.service):
            return None
        wanted = Appointment.copied_from(self.provider, self.service, self.time or self.now)
        wanted.client_time_zone = self.zone.key
        return wanted

    @property
    def seen_fields(self) -> dict[str, str]:
        """The form's hidden fields that say what this page shows, by their names."""
        return changes_since_shown.seen_fields(self.wanted_appointment) if self.wanted_appointment else {}

    @property
    def changes(self) -> list[str]:
        """A sentence for each thing that is not as it was on the page whose form was sent."""
        return changes_since_shown.changes(self.query, self.wanted_appointment) if self.wanted_appointment else []

    @cached_property
    def held(self) -> list[Appointment]:
        """The holds of this browser. A browser that has booked nothing yet costs no query."""
        if not self.own_references:
            return []
        return list(
            Appointment.objects.live(self.now).holds_of(self.own_references).select_related("provider", "service")
        )

    @cached_property
    def held_here(self) -> Appointment | None:
        """The hold of this browser on exactly the provider, service and time that are chosen."""
        chosen = (self.provider, self.service and self.service.pk, self.time)
        return next((own for own in self.held if (own.provider, own.service_id, own.appointment_time) == chosen), None)

    @property
    def can_change_details(self) -> bool:
        """Whether the hold on the chosen time can be booked again with another email, name or note.

        It cannot while a payment for it is on its way: such a hold has no end. Nor can it if the offer has changed
        since it was booked, because the new booking would be made at another price or length.
        """
        held, wanted = self.held_here, self.wanted_appointment
        if not (held and held.hold_expires_at and wanted):
            return False
        return changes_since_shown.seen_fields(held) == changes_since_shown.seen_fields(wanted)

    @property
    def shared_title(self) -> str:
        """What a chat shows of a link to this page."""
        if not (self.provider and self.query.get("provider")):
            return _("Book an appointment")
        return _("Book an appointment with %(provider)s") % {"provider": self.provider.name}

    @cached_property
    def offer_list(self) -> OfferList:
        """What can be chosen in the first step: all there is, or the services of the provider that is chosen."""
        offered = OfferList(self.offers or self.read_offers(), self.path, self.kept_in_links)
        offered.add_next_free(first_free(offered.asked.values(), self.now, self.own_references), self.zone_for)
        return offered
