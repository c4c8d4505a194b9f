"""The domain: what a practice sets up, the appointment, and the mail it owes. Import models from this package."""

from booking.models.appointment.at_the_desk import ChangedMeanwhile
from booking.models.appointment.facts import new_reference
from booking.models.appointment.lifecycle import NotCancellable, TooManyHolds, appointment_cancelled
from booking.models.appointment.model import Appointment
from booking.models.appointment.moving import (
    NotMovable,
    NotNow,
    appointment_moved,
    appointment_moving,
    deadline_changed,
)
from booking.models.calendar_addresses import CalendarAddress
from booking.models.changes import ByStaff, Change
from booking.models.contention import SlotTaken, is_contention, lock_provider
from booking.models.idempotency import IdempotentRequest, KeyReused, UnderWay
from booking.models.links import LinksRequest
from booking.models.mail import Mail
from booking.models.portraits import Portrait
from booking.models.practice import Provider, TimeOff, WorkingHours, practice_time_zone, validate_whole_minute
from booking.models.practice_settings import PracticeSetting, SetMeanwhile
from booking.models.services import Service, validate_price
from booking.models.tries import Limit, Tries
from booking.models.waiting import WaitingEntry
from booking.models.waiting_offers import WaitingOffer
from booking.zones import validate_time_zone

__all__ = [
    "Appointment",
    "ByStaff",
    "CalendarAddress",
    "Change",
    "ChangedMeanwhile",
    "IdempotentRequest",
    "KeyReused",
    "Limit",
    "LinksRequest",
    "Mail",
    "NotCancellable",
    "NotMovable",
    "NotNow",
    "Portrait",
    "PracticeSetting",
    "Provider",
    "Service",
    "SetMeanwhile",
    "SlotTaken",
    "TimeOff",
    "TooManyHolds",
    "Tries",
    "UnderWay",
    "WaitingEntry",
    "WaitingOffer",
    "WorkingHours",
    "appointment_cancelled",
    "appointment_moved",
    "appointment_moving",
    "deadline_changed",
    "is_contention",
    "lock_provider",
    "new_reference",
    "practice_time_zone",
    "validate_price",
    "validate_time_zone",
    "validate_whole_minute",
]
