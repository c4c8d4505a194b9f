"""The addresses of the pages around paying, and the words on them."""

from django.test import Client


def url(appointment, page=""):
    return f"/payments/{appointment.reference}/{page}"


def success_url(payment):
    """Return the address that Stripe leads back to after paying."""
    return url(payment.appointment, f"success/?session_id={payment.checkout_session_id}")


def success_page(payment):
    return Client().get(success_url(payment))


def text(answer):
    """Return the body with every run of white space as one space."""
    return " ".join(answer.content.decode().split())
