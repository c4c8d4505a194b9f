"""The addresses of the desk."""

from django.contrib.auth.views import LoginView, LogoutView
from django.urls import path

from booking.sign_in import SignInForm, guarded
from staff.pages.day import day

sign_in = guarded(LoginView.as_view(template_name="staff/login.html", form_class=SignInForm))

app_name = "staff"
urlpatterns = [
    path("", day, name="day"),
    path("login/", sign_in, name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
]
