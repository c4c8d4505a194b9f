"""States of signing in at the desk, and of somebody's own login."""

from io import StringIO

from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django_otp.plugins.otp_totp.models import TOTPDevice

from staff import second_factor
from staff.management.commands.demo import make_logins
from tests.every_page.states.site import state
from tests.staff import sign_in as sign_in_as
from tests.staff import somebody
from tests.staff_pages import with_a_form

PASSWORD = "a long and unusual one"


def at_reception():
    user = somebody("Reception", name="desk")
    user.set_password(PASSWORD)
    user.save()
    return user


def sign_in(site, path="/staff/"):
    at_reception()
    site.open(path)
    type_password(site)


def with_a_telephone():
    """Make a login that has a second factor. Return its user and a recovery code."""
    user = at_reception()
    TOTPDevice.objects.create(user=user)
    return user, second_factor.new_recovery_codes(user)[0]


def open_second_factor(site):
    """Open the page of a second factor that is set up. Return a recovery code."""
    user, code = with_a_telephone()
    sign_in_as(site.page, user, site.settings.SITE_URL)
    site.open("/staff/second-factor/")
    return code


def type_password(site):
    site.field("Username").fill("desk")
    site.field("Password").fill(PASSWORD)
    site.press("Sign in")
    site.page.wait_for_load_state()


@state("Look around at reception")
def the_sign_in_page_of_the_demonstration(site):
    site.settings.DEBUG = True
    call_command("demo", empty=True, stdout=StringIO())
    make_logins()
    site.open("/staff/")


@state("You were signed out, so nothing was changed.")
def signed_out_while_a_form_was_filled_in(site):
    site.settings.ROOT_URLCONF = with_a_form.__name__
    sign_in(site, "/staff/a-form/")
    site.field("Note").fill("Rings back at six.")
    Session.objects.all().delete()
    site.press("Save")


@state("Nothing was changed yet.")
def what_was_typed_is_shown_again(site):
    signed_out_while_a_form_was_filled_in(site)
    type_password(site)


@state("This code is not right, or no longer.")
def a_second_factor_is_offered_and_the_code_was_wrong(site):
    sign_in(site, "/staff/second-factor/")
    site.field("Your password").fill(PASSWORD)
    site.field("Code").fill("000000")
    site.press("Set up my second factor")


@state("This code is not right, or no longer.")
def the_code_of_a_second_factor_was_wrong(site):
    with_a_telephone()
    site.open("/staff/")
    type_password(site)
    site.field("Code").fill("none of them")
    site.press("Sign in")


@state("Type the code that your telephone shows.")
def a_second_factor_that_is_set_up(site):
    open_second_factor(site)
    site.press("Remove it, so that my password is enough")


@state("Your recovery codes")
def new_recovery_codes(site):
    code = open_second_factor(site)
    site.field("Code").fill(code)
    site.press("Make new recovery codes, so that the old ones end")


@state("There is a problem")
def another_password_that_is_too_short(site):
    sign_in(site, "/staff/password/")
    site.field("Your password now").fill(PASSWORD)
    site.field("New password", exact=True).fill("short")
    site.field("New password once more").fill("short")
    site.press("Change my password")


@state("Ask the owner of the practice to choose one for it.")
def somebody_without_a_role(site):
    sign_in(site)
    User.objects.get().groups.clear()
    site.open("/staff/")
