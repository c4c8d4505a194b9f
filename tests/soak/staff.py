"""The staff of the practice, who return by hand what a client's bank did not take back."""

from django.contrib.auth import get_user_model

from payments.models import Payment
from tests.gunicorn import quiet_session
from tests.pages import form_of

PASSWORD = "only for the soak"


def return_by_hand(address: str) -> None:
    """Return what is missing on the page to which the admin's list leads, as docs/payments.md says."""
    get_user_model().objects.create_superuser("staff", password=PASSWORD)
    with quiet_session() as http:
        http.headers["Origin"] = address  # as a browser does; over https Django wants to know it
        login = f"{address}/admin/login/"
        hidden = form_of(http.get(login).text)
        http.post(login, data={**hidden, "username": "staff", "password": PASSWORD})
        for payment in Payment.objects.with_shortfall():
            page = f"{address}/admin/payments/payment/{payment.pk}/refund/"
            hidden = form_of(http.get(page).text)
            http.post(page, data={**hidden, "amount": payment.shortfall, "reason": "by hand"})
