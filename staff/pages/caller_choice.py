"""What staff have chosen so far for somebody who has called, read from the address as on the public page."""

from collections.abc import Sequence
from datetime import datetime

from django.contrib.auth.models import User
from django.http import QueryDict
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from booking.forms import parse_instant
from booking.models.offers import offer_of
from booking.models.statements import Row
from booking.pages.booking_choice import BookingChoice
from booking.pages.offer_list import OfferList
from booking.pages.time_choice import InvalidChoice
from booking.schedule.diary import Diary, Reach
from staff.access import appointments_of, providers_of


class CallerChoice(BookingChoice):
    """The choice of a provider whose diary this user may see, of a service, and of a time by the provider's clock.

    A press on a gap of the day brings a provider and a time.
    """

    def __init__(self, query: QueryDict, user: User) -> None:
        self.user = user
        super().__init__(query)

    def read_time(self, text: str) -> None:
        """Choose the time if it is free. If it is taken, staff may know by whom. Raises InvalidChoice."""
        try:
            super().read_time(text)
        except InvalidChoice as invalid:
            if invalid.status == 409 and (taker := self.whose_time):
                raise InvalidChoice(409, _("%(client)s has that time.") % {"client": taker}) from None
            raise

    @property
    def whose_time(self) -> str:
        """The client who has the time that was asked for, or empty."""
        if not (self.requested_time and self.service):
            return ""
        until = self.requested_time + self.service.occupies
        in_the_way = appointments_of(self.user).live(self.now).overlapping(self.requested_time, until)
        taker = in_the_way.filter(provider=self.diary.provider).first()
        return taker.client if taker else ""

    def thinned(self, times: Sequence[datetime]) -> Sequence[datetime]:
        """Every time: a caller may be able to come only at a quarter past."""
        return times

    @cached_property
    def seen_providers(self) -> set[int]:
        return set(providers_of(self.user).values_list("pk", flat=True))

    def find_row(self, provider: str, service: str) -> Row | None:
        row = super().find_row(provider, service)
        return row if row and offer_of(row).provider.pk in self.seen_providers else None

    def read_anyone(self, service: str) -> list[Row]:
        """None: at the desk it is always said with whom."""
        return []

    def choose(self, rows: list[Row]) -> None:
        super().choose(rows)
        self.others = self.others._replace(providers=self.others.providers and len(self.seen_providers) > 1)

    def read_offers(self, provider: str | None = None) -> list[Row]:
        return [row for row in super().read_offers(provider) if offer_of(row).provider.pk in self.seen_providers]

    @cached_property
    def offer_list(self) -> OfferList:
        """The list without next free times: these are within the reach of clients, and a caller mostly names a day."""
        return OfferList(self.offers or self.read_offers(), self.path, self.kept_in_links)

    @cached_property
    def diary(self) -> Diary:
        if not (self.provider and self.service):
            raise LookupError("A diary is one provider's for one service.")
        return Diary(self.provider, self.service, self.now, zone=self.provider.zone, reach=Reach.of_staff())

    @cached_property
    def path(self) -> str:
        return reverse("staff:book")

    @property
    def pressed_time(self) -> datetime | None:
        """The time that staff have pressed, while it is not known for which service."""
        try:
            return None if self.service else parse_instant(self.query.get("time", ""))
        except ValueError:
            return None

    @property
    def kept_in_links(self) -> dict[str, str]:
        """The time or day that staff have pressed, until the service is chosen as well."""
        pressed = {name: self.query.get(name, "") for name in ("time", "date")}
        return {} if self.service else {name: value for name, value in pressed.items() if value}

    @property
    def zone_form_fields(self) -> dict[str, str]:
        """None: at the desk all times are by the provider's clock."""
        return {}
