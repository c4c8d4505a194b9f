"""Signing in and out: with a password, and a code for those who have a second factor; in the admin as well."""

from typing import Any

from django.contrib import admin
from django.contrib.auth import login
from django.contrib.auth.models import User
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from booking.by_reference import private
from booking.responses import only_posted, page
from booking.sign_in import AdminSignInForm, SignInForm, remember_browser, too_often
from staff import demo_logins, second_factor
from staff.forms.login import CodeForm
from staff.interrupted import Interrupted
from staff.pages.again import show_again


@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
@private
def sign_in(request: HttpRequest) -> HttpResponse:
    interrupted = Interrupted.carried_by(request)
    form = SignInForm(request, request.POST if request.method == "POST" else None)
    if form.is_valid():
        return after_the_password(request, form.get_user(), interrupted)
    context = {"form": form, "interrupted": interrupted, "demo": demo_logins.buttons()}
    response = page(request, "staff/login.html", context, status=422 if form.is_bound else 200)
    if form.refusal:
        too_often(response, form.refusal)
    return response


@method_decorator((sensitive_post_parameters("password"), never_cache), name="dispatch")
class AdminSignIn(LoginView):
    """The admin's own sign-in page, as `admin.site.login` shows it, which asks for a second factor as well."""

    template_name = "admin/login.html"
    authentication_form = AdminSignInForm
    next_page = "admin:index"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if admin.site.has_permission(request):
            return HttpResponseRedirect(reverse("admin:index"))
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        about = {"title": "Log in", "subtitle": None, "app_path": self.request.get_full_path()}
        name = {"username": self.request.user.get_username(), "next": self.get_success_url()}
        return super().get_context_data(**admin.site.each_context(self.request), **about, **name, **kwargs)

    # The form is the one named above, where LoginView declares Django's own.
    def form_valid(self, form: AdminSignInForm) -> HttpResponse:  # type: ignore[override]
        return after_the_password(self.request, form.get_user(), Interrupted(self.get_success_url()))

    def form_invalid(self, form: AdminSignInForm) -> HttpResponse:  # type: ignore[override]
        response = super().form_invalid(form)
        if form.refusal:
            too_often(response, form.refusal)
        return response


def after_the_password(request: HttpRequest, user: User, interrupted: Interrupted) -> HttpResponse:
    """Sign them in, or ask for the second factor that their login has."""
    if not second_factor.telephone_of(user):
        return enter(request, user, interrupted)
    second_factor.ask_for_it(request, user)
    return show_code_form(request, CodeForm(user), interrupted)


@sensitive_post_parameters("code")
@require_http_methods(["GET", "POST"])
@private
def code(request: HttpRequest) -> HttpResponse:
    interrupted = Interrupted.carried_by(request)
    if not (user := second_factor.who_is_asked(request)):
        context = {"form": SignInForm(request), "interrupted": interrupted, "code_came_late": True}
        return page(request, "staff/login.html", context, status=403)
    form = CodeForm(user, request.POST if request.method == "POST" else None)
    if form.is_valid():
        return enter(request, user, interrupted)
    response = show_code_form(request, form, interrupted, status=422 if form.is_bound else 200)
    if form.refusal:
        too_often(response, form.refusal)
    return response


def show_code_form(request: HttpRequest, form: CodeForm, interrupted: Interrupted, status: int = 200) -> HttpResponse:
    return page(request, "staff/code.html", {"form": form, "interrupted": interrupted}, status=status)


def enter(request: HttpRequest, user: User, interrupted: Interrupted) -> HttpResponse:
    """Sign them in, and show what they were about to send, or lead them to where they were about to go."""
    request.session.pop(second_factor.WAITING, None)
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    response = show_again(request, interrupted) if interrupted.typed else HttpResponseRedirect(interrupted.address)
    remember_browser(response, user.get_username())
    return response


@only_posted
@private
def look_around(request: HttpRequest, username: str) -> HttpResponse:
    """Sign in as somebody of the demonstration. With DEBUG off there is nobody of that name."""
    user = get_object_or_404(demo_logins.those_there(), username=username)
    return enter(request, user, Interrupted.carried_by(request)._replace(typed=""))
