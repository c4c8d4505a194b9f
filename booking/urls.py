from django.urls import path

from booking import views

app_name = "booking"
urlpatterns = [
    path("", views.book, name="book"),
    path("appointments/<slug:reference>/", views.appointment, name="appointment"),
    path("appointments/<slug:reference>/calendar.ics", views.calendar, name="calendar"),
    path("appointments/<slug:reference>/reschedule/", views.reschedule, name="reschedule"),
    path("appointments/<slug:reference>/cancel/", views.cancel, name="cancel"),
]
