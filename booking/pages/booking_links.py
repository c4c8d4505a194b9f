"""The addresses of the booking page, with and without the choices that are made so far."""

from collections.abc import Mapping
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.functional import cached_property

from booking.models import Provider, Service
from booking.models.offers import Offer
from booking.pages import wishes
from booking.pages.time_choice import TimeChoice
from booking.templatetags.wording import iso


class BookingLinks(TimeChoice):
    """The choice of a time on a page whose address says with whom, and for what.

    `kept` is what every link says again besides the choices: booking/pages/embedding.py.
    """

    provider: Provider | None
    service: Service | None
    offers_of_anyone: list[Offer]
    kept: Mapping[str, str]

    @property
    def kept_in_links(self) -> dict[str, str]:
        """What the query of each link says besides the choices, such as the time zone if the client has chosen one."""
        return {**({"zone": self.chosen_zone.key} if self.chosen_zone else {}), **self.kept}

    @property
    def kept_in_whole(self) -> dict[str, str]:
        """The same for a link that leads from a frame to the whole page."""
        return {name: value for name, value in self.kept_in_links.items() if name != "embedded"}

    @property
    def is_framed(self) -> bool:
        return "embedded" in self.kept

    @cached_property
    def path(self) -> str:
        return reverse("booking:book")

    @property
    def chosen_slugs(self) -> dict[str, str]:
        """What is chosen, by the names in the query. With anyone, no provider is, even once it is known who it is."""
        chosen = {"provider": None if self.offers_of_anyone else self.provider, "service": self.service}
        return {name: choice.slug for name, choice in chosen.items() if choice}

    @property
    def zone_form_fields(self) -> dict[str, str]:
        return {**self.chosen_slugs, "date": self.open_day.isoformat(), **self.kept}

    @property
    def redirect_url(self) -> str:
        """The page's URL with the present slugs and with what is kept, if it was asked for by another; else empty."""
        query = self.query.copy()
        for name, value in {**self.chosen_slugs, **self.kept}.items():
            if self.query.get(name) or name in self.kept:
                query[name] = value
        return f"{self.path}?{query.urlencode()}" if query != self.query else ""

    @cached_property
    def url_so_far(self) -> str:
        return self.url_with(self.chosen_slugs)

    @property
    def form_url(self) -> str:
        """Where the form is sent: the URL of all that is chosen, so that a refusal is shown there."""
        return f"{self.url_of_times}&{urlencode({'time': iso(self.time, self.zone)})}" if self.time else self.url_so_far

    @property
    def url_of_times(self) -> str:
        return self.url_of({**self.chosen_slugs, **self.kept_in_whole})

    @property
    def waiting_url(self) -> str:
        """The page on which somebody asks to be told of a time that frees; empty if all that is on offer is free."""
        if not (wishes.any_sooner(self.diary) or wishes.full_days(self.diary, self.month_of(self.open_day).bookable)):
            return ""
        query = {**self.chosen_slugs, "date": self.open_day.isoformat(), **self.kept_in_whole}
        return f"{reverse('booking:ask-to-wait')}?{urlencode(query)}"

    @property
    def shared_url(self) -> str:
        """The URL for somebody else who is sent a link to this page, without what they have themselves, like a zone."""
        return self.url_of({name: slug for name, slug in self.chosen_slugs.items() if self.query.get(name)})

    @property
    def url_without_service(self) -> str:
        return self.url_with({name: slug for name, slug in self.chosen_slugs.items() if name == "provider"})

    @property
    def url_without_choices(self) -> str:
        return self.url_with({})

    def url_with(self, choices: dict[str, str]) -> str:
        """This page with these choices, in the time zone that the client has chosen."""
        return self.url_of({**choices, **self.kept_in_links})

    def url_of(self, query: dict[str, str]) -> str:
        return f"{self.path}?{urlencode(query)}" if query else self.path
