"""The pages on which somebody changes their own login: the password, and the second factor."""

from django.contrib.auth import update_session_auth_hash
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from booking.responses import only_posted, page
from booking.sign_in import too_often
from staff import second_factor
from staff.access import DeskRequest, own_login
from staff.forms.login import WRONG_CODE, CodeForm, NewPasswordForm, SetUpForm


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
@own_login
def password(request: DeskRequest) -> HttpResponse:
    form = NewPasswordForm(request.user, request.POST if request.method == "POST" else None)
    if form.is_valid():
        # The sessions of this login on other machines end with its old password.
        update_session_auth_hash(request, form.save())
        return HttpResponseRedirect(f"{reverse('staff:password')}?changed=1", status=303)
    return show(request, "staff/password.html", form, changed="changed" in request.GET)


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
@own_login
def show_second_factor(request: DeskRequest) -> HttpResponse:
    """Show whether there is one, and how to get one. A POST sets it up."""
    if second_factor.telephone_of(request.user):
        return show_telephone(request, CodeForm(request.user))
    if request.method != "POST":
        form = SetUpForm(request.user)
        return show_offer(request, form, second_factor.new_key())
    form = SetUpForm(request.user, request.POST)
    if form.is_valid():
        if codes := second_factor.set_up(request.user, form.cleaned_data["key"], form.cleaned_data["code"]):
            return page(request, "staff/recovery_codes.html", {"codes": codes})
        form.add_error("code", WRONG_CODE)
    return show_offer(request, form, form.cleaned_data.get("key") or second_factor.new_key())


@sensitive_post_parameters()
@only_posted
@own_login
def remove_second_factor(request: DeskRequest) -> HttpResponse:
    form = CodeForm(request.user, request.POST)
    if not form.is_valid():
        return show_telephone(request, form)
    second_factor.remove(request.user)
    return HttpResponseRedirect(reverse("staff:second-factor"), status=303)


@sensitive_post_parameters()
@only_posted
@own_login
def new_recovery_codes(request: DeskRequest) -> HttpResponse:
    form = CodeForm(request.user, request.POST)
    if not form.is_valid():
        return show_telephone(request, form)
    codes = second_factor.new_recovery_codes(request.user)
    return page(request, "staff/recovery_codes.html", {"codes": codes})


def show_offer(request: DeskRequest, form: SetUpForm, key: str) -> HttpResponse:
    return show(request, "staff/second_factor_offer.html", form, offer=second_factor.Offer(request.user, key))


def show_telephone(request: DeskRequest, form: CodeForm) -> HttpResponse:
    left = second_factor.recovery_codes_left(request.user)
    return show(request, "staff/second_factor.html", form, codes_left=left)


def show(
    request: DeskRequest, template: str, form: CodeForm | SetUpForm | NewPasswordForm, **context: object
) -> HttpResponse:
    response = page(request, template, {"form": form, **context}, status=422 if form.errors else 200)
    if form.refusal:
        too_often(response, form.refusal)
    return response
