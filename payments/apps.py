from django.apps import AppConfig


class PaymentsConfig(AppConfig):
    name = "payments"

    def ready(self) -> None:
        """Hear of it when an appointment is cancelled or moved: booking sends signals and knows nothing of payments."""
        from booking.models import appointment_cancelled, appointment_moved, appointment_moving
        from payments import closing, refunds

        appointment_cancelled.connect(refunds.on_cancelled)
        appointment_cancelled.connect(closing.on_cancelled)
        appointment_moving.connect(closing.on_moving)
        appointment_moved.connect(closing.on_moved)
