"""The practice's staff, who return by hand what a client's bank would not take back."""

import re

from django.contrib.auth import get_user_model

from payments.models import Payment
from tests.gunicorn import quiet_session
from tests.soak.clients import TOKEN

PASSWORD = "only for the soak"


def return_by_hand(address: str) -> None:
    """On the page that the admin's list leads to, as the runbook says."""
    get_user_model().objects.create_superuser("staff", password=PASSWORD)
    with quiet_session() as http:
        login = f"{address}/admin/login/"
        token = TOKEN.search(http.get(login).text)[1]
        http.post(login, data={"username": "staff", "password": PASSWORD, "csrfmiddlewaretoken": token})
        for payment in Payment.objects.owing():
            page = f"{address}/admin/payments/payment/{payment.pk}/refund/"
            shown = http.get(page).text
            token, seen = TOKEN.search(shown)[1], re.search(r'name="seen" value="(\d+)"', shown)[1]
            form = {"amount": payment.missing, "seen": seen, "reason": "by hand", "csrfmiddlewaretoken": token}
            http.post(page, data=form)
