"""What of the price of an appointment is paid online, and what at the practice."""

from decimal import Decimal

from booking.models.appointment.facts import AppointmentFacts


class AppointmentDues(AppointmentFacts):
    class Meta(AppointmentFacts.Meta):
        abstract = True

    @property
    def due_online(self) -> Decimal:
        """What of the price is paid online: nothing confirms it but a payment of exactly that."""
        return self.price - self.due_at_practice

    @property
    def due_online_as_booked(self) -> Decimal:
        """What of the price was due online when it was booked, before the rest was paid by link."""
        return self.due_online - self.rest_paid_online

    @property
    def left_at_practice(self) -> Decimal:
        """What is still to be paid at the practice. Nothing is, unless the appointment is confirmed."""
        confirmed = self.status == self.Status.CONFIRMED
        return self.due_at_practice - self.taken_at_practice if confirmed else Decimal(0)

    @property
    def is_paid_online(self) -> bool:
        """A confirmed appointment of which something is due online is paid that: nothing else confirms it."""
        return self.status == self.Status.CONFIRMED and self.due_online > 0

    @property
    def is_more_than_deposit_paid(self) -> bool:
        """Whether what is due online was paid, of a confirmed appointment, or of one of which the rest was paid too."""
        return self.is_paid_online or self.rest_paid_online > 0

    @property
    def is_wholly_paid_online(self) -> bool:
        """Whether all of its price was paid online."""
        return self.is_paid_online and not self.due_at_practice
