"""The URLs of the client's pages, except those of paying, which are in payments/urls.py."""

from django.urls import path

from booking.pages.appointment import appointment, calendar
from booking.pages.book import book
from booking.pages.cancel import cancel
from booking.pages.find import asked, find
from booking.pages.portrait import portrait
from booking.pages.reschedule import reschedule

app_name = "booking"
urlpatterns = [
    path("", book, name="book"),
    # These two come first, or "find" would be taken for a reference. No real reference is as short as that.
    path("appointments/find/", find, name="find"),
    path("appointments/find/asked/", asked, name="asked"),
    path("appointments/<slug:reference>/", appointment, name="appointment"),
    path("appointments/<slug:reference>/calendar.ics", calendar, name="calendar"),
    path("appointments/<slug:reference>/reschedule/", reschedule, name="reschedule"),
    path("appointments/<slug:reference>/cancel/", cancel, name="cancel"),
    path("portraits/<slug:digest>.webp", portrait, name="portrait"),
]
