from django.urls import path

from payments import views

app_name = "payments"
urlpatterns = [
    path("webhook/", views.webhook, name="webhook"),
    # Typed into Stripe's dashboard by hand, it easily loses its last slash.
    path("webhook", views.webhook),
    path("<slug:reference>/", views.pay, name="pay"),
    path("<slug:reference>/checkout/", views.checkout, name="checkout"),
    path("<slug:reference>/success/", views.success, name="success"),
    path("<slug:reference>/cancelled/", views.cancelled, name="cancelled"),
]
