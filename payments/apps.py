from django.apps import AppConfig


class PaymentsConfig(AppConfig):
    name = "payments"

    def ready(self) -> None:
        """Hear of it when an appointment is cancelled, moved or given another deadline. Booking only sends signals."""
        from booking.models import appointment_cancelled, appointment_moved, appointment_moving, deadline_changed
        from payments import checkout, closing, refunds

        appointment_cancelled.connect(refunds.on_cancelled)
        appointment_cancelled.connect(closing.on_cancelled)
        appointment_moving.connect(closing.on_moving)
        appointment_moved.connect(closing.on_moved)
        deadline_changed.connect(checkout.on_deadline_changed)
