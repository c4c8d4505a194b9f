"""The addresses of the desk."""

from django.contrib.auth.views import LoginView, LogoutView
from django.urls import path

from booking.sign_in import SignInForm, guarded
from staff.pages import cancel, changes
from staff.pages.appointment import appointment
from staff.pages.day import day
from staff.pages.move import move

sign_in = guarded(LoginView.as_view(template_name="staff/login.html", form_class=SignInForm))

app_name = "staff"
urlpatterns = [
    path("", day, name="day"),
    path("login/", sign_in, name="login"),
    path("appointments/<int:pk>/", appointment, name="appointment"),
    path("appointments/<int:pk>/move/", move, name="move"),
    path("appointments/<int:pk>/cancel/", cancel.cancel, name="cancel"),
    path("appointments/<int:pk>/refund/<int:payment_pk>/", cancel.refund, name="refund"),
    path("appointments/<int:pk>/correct/", changes.correct, name="correct"),
    path("appointments/<int:pk>/no-show/", changes.no_show, name="no-show"),
    path("appointments/<int:pk>/link/", changes.send_link, name="link"),
    path("appointments/<int:pk>/keep/", changes.keep, name="keep"),
    path("logout/", LogoutView.as_view(), name="logout"),
]
