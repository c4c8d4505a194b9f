"""The addresses of the pages of paying, and of the webhook."""

from django.urls import path

from payments import receipt_pages, views

app_name = "payments"
urlpatterns = [
    path("webhook/", views.webhook, name="webhook"),
    # Whoever types the address into Stripe's dashboard may leave out the last slash, and Stripe follows no redirect.
    path("webhook", views.webhook),
    path("<slug:reference>/", views.pay, name="pay"),
    path("<slug:reference>/checkout/", views.checkout, name="checkout"),
    path("<slug:reference>/success/", views.success, name="success"),
    path("<slug:reference>/cancelled/", views.cancelled, name="cancelled"),
    path("<slug:reference>/receipt/", receipt_pages.receipt, name="receipt"),
    path("<slug:reference>/receipt/<slug:label>/", receipt_pages.earlier, name="earlier-receipt"),
]
