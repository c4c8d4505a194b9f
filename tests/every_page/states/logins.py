"""States of signing in at the desk, and of somebody's own login."""

from io import StringIO

from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.core.management import call_command

from staff.management.commands.demo import make_logins
from tests.every_page.states.site import state
from tests.staff import somebody
from tests.staff_pages import with_a_form

PASSWORD = "a long and unusual one"


def sign_in(site, path="/staff/"):
    user = somebody("Reception", name="desk")
    user.set_password(PASSWORD)
    user.save()
    site.open(path)
    type_password(site)


def type_password(site):
    site.page.get_by_label("Username").fill("desk")
    site.page.get_by_label("Password").fill(PASSWORD)
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
    site.page.get_by_label("Note").fill("Rings back at six.")
    Session.objects.all().delete()
    site.press("Save")


@state("Nothing was changed yet.")
def what_was_typed_is_shown_again(site):
    signed_out_while_a_form_was_filled_in(site)
    type_password(site)


@state("This code is not right, or no longer.")
def a_second_factor_is_offered_and_the_code_was_wrong(site):
    sign_in(site, "/staff/second-factor/")
    site.page.get_by_label("Your password").fill(PASSWORD)
    site.page.get_by_label("Code").fill("000000")
    site.press("Set up my second factor")


@state("Ask the owner of the practice to choose one for it.")
def somebody_without_a_role(site):
    sign_in(site)
    User.objects.get().groups.clear()
    site.open("/staff/")
