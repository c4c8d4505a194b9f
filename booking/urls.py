"""The URLs of the client's pages, except those of paying, which are in payments/urls.py."""

from django.urls import path

from booking.pages.appointment import appointment, calendar
from booking.pages.book import book
from booking.pages.cancel import cancel
from booking.pages.diary import diary
from booking.pages.find import asked, find
from booking.pages.portrait import portrait
from booking.pages.reschedule import reschedule
from booking.pages.waiting import ask, earlier, stop, waiting
from booking.pages.waiting import asked as waiting_asked

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
    path("diaries/<slug:key>.ics", diary, name="diary"),
    path("appointments/<slug:reference>/earlier/", earlier, name="earlier"),
    path("waiting/", ask, name="ask-to-wait"),
    # The same here: no key is as short as "asked".
    path("waiting/asked/", waiting_asked, name="waiting-asked"),
    path("waiting/<slug:key>/", waiting, name="waiting"),
    path("waiting/<slug:key>/stop/", stop, name="stop-waiting"),
]
