"""What the client of an appointment was promised: how long it is held, what comes back, until when it may be moved."""

from datetime import datetime, timedelta
from decimal import Decimal

from django.utils import timezone

from booking import cancellation, refund_policy
from booking.in_force import in_force
from booking.models.appointment.dues import AppointmentDues


class AppointmentPromises(AppointmentDues):
    class Meta(AppointmentDues.Meta):
        abstract = True

    @property
    def held_at_least_until(self) -> datetime:
        """The deadline that staff gave last, or else the end of the hold that the client was told at booking.

        The hold may end later, as a payment page is open, but never sooner.
        """
        # One that an earlier release booked does not say for how long it was held.
        promised = self.held_until_at_booking or self.created_at + timedelta(minutes=in_force.HOLD_MINUTES)
        return self.kept_until or promised

    @property
    def refund_terms(self) -> list[cancellation.Term]:
        return self.refund_terms_at(self.appointment_time)

    def refund_terms_at(self, appointment_time: datetime) -> list[cancellation.Term]:
        """The terms of its policy that can still be met, reckoned as if the appointment were at that time.

        They are about what is paid online. What is paid at the practice is returned there, by whoever took it.
        """
        return [term for term in self.all_terms_at(appointment_time) if term.until >= timezone.now()]

    def all_terms_at(self, appointment_time: datetime) -> list[cancellation.Term]:
        return cancellation.terms(self.cancellation_policy, appointment_time, self.due_online, self.currency)

    def refund_at(self, moment: datetime, appointment_time: datetime | None = None) -> Decimal:
        """What a client who cancels at that moment gets back. What went back before counts towards it, and so does what
        is still due back although a refund failed.

        It is reckoned for the time at which the appointment is, unless another `appointment_time` is given.
        """
        if not self.is_paid_online:
            return Decimal(0)
        return self.left_of(self.share_at(moment, appointment_time or self.appointment_time, self.due_online))

    def left_of(self, promised: Decimal) -> Decimal:
        """What of a promise is not back yet, nor due back already because a refund failed."""
        return max(promised - self.returned - self.failed_to_return, Decimal(0))

    def share_at(self, moment: datetime, appointment_time: datetime, amount: Decimal) -> Decimal:
        """What of that amount its policy promises at that moment, if the appointment is at that time."""
        terms = cancellation.terms(self.cancellation_policy, appointment_time, amount, self.currency)
        return cancellation.refund_at(moment, terms)

    @property
    def not_returned(self) -> Decimal:
        """What was paid online and staff could still give back."""
        return self.due_online - self.returned

    @property
    def is_cancellable(self) -> bool:
        """Whether its client can cancel it on the page that says what comes back. A hold is given back without it."""
        return self.status == self.Status.CONFIRMED and not self.has_begun

    @property
    def movable_until(self) -> datetime | None:
        """Until when its client may move it.

        For one that is paid online that is as long as cancelling would return all of that, and None if the policy never
        does so or no longer does. For any other, unpaid, free or paid at the practice, it is until it begins. Paying
        the rest by link takes none of that away: it is reckoned from what was due online when it was booked.
        """
        due = self.due_online_as_booked
        if not self.is_paid_online or not due:
            return self.appointment_time
        terms = cancellation.terms(self.cancellation_policy, self.appointment_time, due, self.currency)
        return next((term.until for term in terms if term.until >= timezone.now() and term.amount == due), None)

    @property
    def hours_to_move(self) -> int | None:
        """How many hours before it begins its client may no longer move it, as cancelling returns less from then on.

        None if there is no such limit: it is not paid online, or cancelling it never returns all of that.
        """
        shares = refund_policy.parse(self.cancellation_policy) if self.is_paid_online else ()
        return next((hours for hours, share in shares if share == 100), None)

    @property
    def is_too_late_to_move(self) -> bool:
        """Whether that is why its client can no longer move it."""
        return self.movable_until is None and self.hours_to_move is not None

    @property
    def is_movable(self) -> bool:
        """Whether its client can move it to another time of the same service."""
        if not (self.provider.active and self.service.active):
            return False
        until = self.movable_until
        return self.stands and until is not None and timezone.now() <= until
