"""The addresses of the sandbox: its API under `v1/`, and its payment page."""

from django.urls import path, re_path

from payments.sandbox import api, pages

app_name = "sandbox"
urlpatterns = [
    path("v1/checkout/sessions", api.checkout_sessions),
    path("v1/checkout/sessions/<slug:session>", api.checkout_session),
    path("v1/checkout/sessions/<slug:session>/expire", api.checkout_session_expire),
    path("v1/checkout/sessions/<slug:session>/line_items", api.checkout_session_line_items),
    path("v1/payment_intents/<slug:intent>", api.payment_intent),
    path("v1/charges/<slug:charge>", api.charge),
    path("v1/refunds", api.all_refunds),
    path("v1/payment_intents", api.payment_intents),
    path("v1/charges", api.charges),
    path("v1/balance_transactions", api.balance_transactions),
    path("v1/balance_transactions/<slug:id>", api.balance_transaction),
    path("v1/disputes", api.all_disputes),
    path("v1/disputes/<slug:dispute>", api.dispute),
    path("v1/disputes/<slug:dispute>/close", api.dispute_close),
    path("v1/webhook_endpoints", api.webhook_endpoints),
    path("v1/events", api.events),
    path("v1/events/<slug:id>", api.event),
    path("v1/refunds/<slug:refund>", api.refund),
    re_path(r"^v1(?:/.*)?$", api.unrecognized),
    path("pay/<slug:session_id>", pages.pay, name="pay"),
]
