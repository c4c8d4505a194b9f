from django.apps import AppConfig


class PaymentsConfig(AppConfig):
    name = "payments"

    def ready(self) -> None:
        from booking.models import appointment_cancelled
        from payments.checkout import on_cancelled

        appointment_cancelled.connect(on_cancelled)
