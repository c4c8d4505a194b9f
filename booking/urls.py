from django.urls import path

from booking.pages import book as views

app_name = "booking"
urlpatterns = [
    path("", views.book, name="book"),
    # In front of the references, none of which is that short.
    path("appointments/find/", views.find, name="find"),
    path("appointments/find/asked/", views.asked, name="asked"),
    path("appointments/<slug:reference>/", views.appointment, name="appointment"),
    path("appointments/<slug:reference>/calendar.ics", views.calendar, name="calendar"),
    path("appointments/<slug:reference>/reschedule/", views.reschedule, name="reschedule"),
    path("appointments/<slug:reference>/cancel/", views.cancel, name="cancel"),
]
