"""What is sent to the site and to Stripe. Tests, bench, fuzz and soak all take the shapes from here.

Django need not be set up for importing this. Times (`at`) are datetimes, or the text that is to be sent.
"""

import time
from urllib.parse import urlencode

from django.conf import settings

HTMX = {"HX-Request": "true"}


def booking_form(*, at, provider="dr-ada-byrne", service="consultation", email="jo@example.com", **typed):
    """Return the fields of the booking form. Provider and service are slugs, by default those of the factories."""
    return {
        "provider": provider,
        "service": service,
        "appointment_time": written(at),
        "client_email": email,
        **typed,
    }


def booking_json(*, at, provider="Dr Ada Byrne", email="jo@example.com", **optional):
    """Return the body of POST /api/appointments, in which the provider is called by name and not by slug."""
    return {"provider_name": provider, "appointment_time": written(at), "client_email": email, **optional}


def slots_address(provider="dr-ada-byrne", service="consultation", *, date):
    """Return where programs read the free times of a day, which come as `{"slots": [...]}`."""
    return f"/api/providers/{provider}/slots?{urlencode({'date': date, 'service': service})}"


def written(at):
    return at if isinstance(at, str) else at.isoformat()


# Calls to Stripe


def session_params(**changes):
    """Return the parameters with which the product creates a Checkout Session, here for 51 euros."""
    params = {
        "mode": "payment",
        "success_url": f"{settings.SITE_URL}/done/?session_id={{CHECKOUT_SESSION_ID}}",
        "cancel_url": f"{settings.SITE_URL}/cancelled/",
        "customer_email": "ada@example.com",
        "expires_at": int(time.time()) + 35 * 60,
        "line_items": [line_item()],
    }
    return {**params, **changes}


def line_item(*, name="First consultation", amount=5100, currency="eur", quantity=1):
    """Return one line of a session; the amount is in the smallest unit of the currency."""
    price_data = {"currency": currency, "unit_amount": amount, "product_data": {"name": name}}
    return {"price_data": price_data, "quantity": quantity}
