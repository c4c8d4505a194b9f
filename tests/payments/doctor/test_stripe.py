"""manage.py doctor asks Stripe about the key and its permissions, the clock, and the webhook endpoint."""

from datetime import timedelta

import pytest
from django.utils import timezone

from payments import ledger
from payments.models import Payment, WebhookEvent
from payments.sandbox import objects, webhooks
from tests.payments.doctor.visit import doctor, wrong
from tests.servers import NOWHERE


def test_a_live_key_is_called_that(site, stripe_down, settings):
    stripe_down()
    settings.STRIPE_LIVEMODE = True
    assert f"The secret key is a live key. Calls go to {NOWHERE}, not to Stripe." in doctor()[1]


def test_a_key_that_stripe_does_not_know(site, another_stripe):
    another_stripe(everything=401)
    assert wrong()[0] == (
        "Stripe does not know the secret key: copy it again from Developers, API keys, in its dashboard."
    )


@pytest.mark.parametrize(
    ("resource", "permission"),
    [
        ("checkout", "Checkout Sessions: write"),
        ("payment_intents", "PaymentIntents: read"),
        ("refunds", "Charges and Refunds: write"),
        ("disputes", "Disputes: read"),
    ],
)
def test_a_permission_that_the_key_lacks_is_named(site, another_stripe, resource, permission):
    another_stripe(webhook_endpoints=403, **{resource: 403})
    assert wrong() == [f"The secret key lacks a permission. Add it in Stripe's dashboard: {permission}."]


def test_the_key_need_not_see_the_endpoints(site, another_stripe):
    another_stripe(webhook_endpoints=403)
    assert wrong() == []
    assert (
        "Where Stripe sends events cannot be told: the key may not read Webhook Endpoints, and need not." in doctor()[1]
    )


def test_stripe_out_of_reach(site, stripe_down):
    stripe_down()
    assert wrong() == [
        "Stripe cannot be reached from here, so nothing of the key could be examined.",
        "Stripe cannot be asked where it sends events.",
    ]


def test_what_answers_everything_is_not_stripe(site, another_stripe):
    another_stripe(everything=200)
    assert wrong()[0] == "Stripe cannot be reached from here, so nothing of the key could be examined."


@pytest.mark.parametrize(("ahead", "by"), [(100, "behind"), (-100, "ahead of")])
def test_a_clock_that_is_wrong(site, another_stripe, ahead, by):
    another_stripe(ahead=ahead, webhook_endpoints=403)
    [said] = wrong()
    assert said.startswith("The clock of this machine is ")
    assert said.endswith(f" seconds {by} Stripe's: let the system set it by itself.")


@pytest.fixture
def endpoint(monkeypatch):
    def changed(**changes):
        build = objects.webhook_endpoint
        monkeypatch.setattr(objects, "webhook_endpoint", lambda events: {**build(events), **changes})

    return changed


def test_an_endpoint_that_is_disabled(site, endpoint):
    endpoint(status="disabled")
    assert wrong() == ["The webhook endpoint is disabled at Stripe: enable it in the dashboard."]


def test_an_endpoint_that_is_not_subscribed_to_all(site, endpoint):
    endpoint(enabled_events=sorted(ledger.NEEDED_EVENTS - {"refund.failed", "charge.refunded"}))
    assert wrong() == ["The webhook endpoint is not subscribed to charge.refunded, refund.failed."]


def test_an_endpoint_that_is_subscribed_to_everything_is_subscribed_to_all(site, endpoint):
    endpoint(enabled_events=["*"])
    assert wrong() == []


@pytest.mark.parametrize(("version", "theirs"), [("2024-06-20", "2024-06-20"), (None, "the account's own")])
def test_an_endpoint_of_another_version(site, endpoint, version, theirs):
    endpoint(api_version=version)
    [said] = wrong()
    assert said.startswith(f"The webhook endpoint's API version is {theirs}, and ours 2026-10-28.endive. ")


def test_an_endpoint_without_its_last_slash_is_ours(site, endpoint):
    endpoint(url=f"{site.url}/payments/webhook")
    assert wrong() == []


def test_no_endpoint_for_this_site(site, endpoint, settings):
    endpoint(url="https://another.example/payments/webhook/")
    assert wrong() == []
    settings.HTTPS = True
    assert wrong() == [f"Stripe sends events to no endpoint here. Create one for {site.url}/payments/webhook/."]


def test_no_webhook_secret(site, settings):
    settings.STRIPE_WEBHOOK_SECRET = ""
    assert wrong() == ["STRIPE_WEBHOOK_SECRET is not set: what Stripe sends is refused, and only tick settles."]


def test_payments_come_and_webhooks_do_not(site, paid, settings):
    settings.SITE_URL = site.url
    assert wrong() == []
    Payment.objects.update(paid_at=timezone.now() - timedelta(hours=3))
    asks = ": is the endpoint right, and its secret?"
    assert wrong() == [f"A payment came 3 hours ago, and of webhooks none ever{asks}"]
    event = WebhookEvent.objects.create(event_id="evt_1", type="x", livemode=False)
    assert wrong() == []
    WebhookEvent.objects.filter(pk=event.pk).update(received_at=timezone.now() - timedelta(days=2))
    assert wrong() == [f"A payment came 3 hours ago, and of webhooks none since 2 days ago{asks}"]


def test_what_an_endpoint_must_send_is_what_the_sandbox_sends():
    assert ledger.NEEDED_EVENTS == webhooks.SUBSCRIBED_EVENTS
