"""A link to the booking page with everything chosen beforehand, and the HTML for the practice's own pages."""

from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse
from django.utils import translation
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from booking import languages
from booking.models import offers
from booking.responses import page
from staff.access import SET_HOURS, DeskRequest, desk
from staff.forms.link import LinkForm
from staff.site_address import opened_elsewhere, what_to_do, where_links_lead


@require_safe
@desk(SET_HOURS)
def links(request: DeskRequest) -> HttpResponse:
    form = LinkForm(request.GET, [offers.offer_of(row) for row in offers.read_rows()])
    made = html_of(form) if form.is_valid() else {}
    context = {"form": form, "frames": settings.EMBED_ON, **made}
    if opened := opened_elsewhere(request):
        context["elsewhere"] = [where_links_lead(opened), what_to_do()]
    return page(request, "staff/links.html", context, status=200 if made else 422)


def html_of(form: LinkForm) -> dict[str, str]:
    """The address, and the elements that lead to it and that show it, in the words of the link's language."""
    with translation.override(languages.tag_of(form.query.get("language", languages.of_practice()))):
        words = words_of(form)
    address, framed = (address_of(query) for query in (form.query, {**form.query, "embedded": "1"}))
    return {
        "address": address,
        "link": format_html('<a href="{}">{}</a>', address, words),
        "frame": format_html('<iframe src="{}" title="{}" width="100%" height="900"></iframe>', framed, words),
    }


def address_of(query: dict[str, str]) -> str:
    address = f"{settings.SITE_URL}{reverse('booking:book')}"
    return f"{address}?{urlencode(query)}" if query else address


def words_of(form: LinkForm) -> str:
    provider = form.name_of_provider.get(form.query.get("provider", ""))
    chosen = form.services.get(form.query.get("service", ""))
    service = chosen and chosen.translated["name"]
    if provider and service:
        return _("Book %(service)s with %(provider)s") % {"service": service, "provider": provider}
    if provider:
        return _("Book an appointment with %(provider)s") % {"provider": provider}
    return _("Book %(service)s") % {"service": service} if service else _("Book an appointment")
