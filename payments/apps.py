from django.apps import AppConfig


class PaymentsConfig(AppConfig):
    name = "payments"

    def ready(self) -> None:
        from booking.models import appointment_cancelled, appointment_moving
        from payments import checkout, refunds

        appointment_cancelled.connect(refunds.on_cancelled)
        appointment_cancelled.connect(checkout.on_cancelled)
        appointment_moving.connect(checkout.on_moving)
