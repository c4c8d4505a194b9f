"""Signing in at the desk, signing out, and what becomes of a form whose session ended while it was filled in."""

import re
from datetime import timedelta
from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client

from staff import demo_logins
from staff.management.commands.demo import make_logins
from tests.factories import make_provider
from tests.shapes import HTMX
from tests.staff import logged_in, somebody
from tests.staff_pages import with_a_form
from tests.staff_pages.fields import Fields

pytestmark = [pytest.mark.django_db]

PASSWORD = "a long and unusual one"


@pytest.fixture
def reception():
    user = somebody("Reception", name="desk")
    user.set_password(PASSWORD)
    user.save()
    return user


def sign_in_as(name="desk", password=PASSWORD, browser=None, **fields):
    typed = {"username": name, "password": password, **fields}
    return (browser or Client()).post("/staff/login/", typed)


def test_whoever_is_signed_out_is_led_to_the_sign_in_page_and_back(reception):
    browser = Client()
    asked = browser.get("/staff/?day=2026-12-01")
    assert (asked.status_code, asked["Location"]) == (302, "/staff/login/?next=/staff/%3Fday%3D2026-12-01")
    page = Fields(browser.get(asked["Location"]))
    answer = sign_in_as(browser=browser, next=page.hidden["next"][0])
    assert (answer.status_code, answer["Location"]) == (302, "/staff/?day=2026-12-01")
    assert browser.get(answer["Location"]).status_code == 200


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)", "staff/", ""]
)
def test_nobody_is_led_to_another_site(reception, elsewhere):
    assert sign_in_as(next=elsewhere)["Location"] == "/staff/"


def test_a_wrong_password_is_told_and_keeps_the_name(reception):
    answer = sign_in_as(password="a guess")
    assert answer.status_code == 422
    assert "Please enter a correct username and password." in answer.content.decode()
    assert ('value="desk"' in answer.content.decode(), "a guess" in answer.content.decode()) == (True, False)


def test_passwords_are_not_guessed_here_or_in_the_admin_by_turns(reception, time_machine):
    time_machine.move_to("2026-11-30 09:00 +0000", tick=False)
    answers = [sign_in_as(password="a guess").status_code for _ in range(5)]
    answers += [Client().post("/admin/login/", {"username": "desk", "password": "x"}).status_code for _ in range(5)]
    refused = sign_in_as()
    assert (answers, refused.status_code, refused["Retry-After"]) == ([422] * 5 + [200] * 5, 429, "60")


def test_who_is_not_marked_as_staff_signs_in_to_the_desk_and_not_to_the_admin(reception):
    assert sign_in_as()["Location"] == "/staff/"
    answer = Client().post("/admin/login/", {"username": "desk", "password": PASSWORD})
    assert (answer.status_code, "for a staff account" in answer.content.decode()) == (200, True)


def test_a_login_without_a_role_reads_what_to_do_and_can_sign_out():
    answer = logged_in(somebody("")).get("/staff/")
    assert answer.status_code == 403
    assert "Ask the owner of the practice to choose one for it." in answer.content.decode()
    assert Fields(answer).actions.count("/staff/logout/") == 2


def test_a_providers_login_without_a_provider_reads_what_to_do():
    answer = logged_in(somebody("Provider")).get("/staff/")
    assert answer.status_code == 403
    assert "Your login belongs to no provider yet" in answer.content.decode()


def test_a_login_that_is_closed_is_signed_out(reception):
    browser = logged_in(reception)
    User.objects.update(is_active=False)
    assert browser.get("/staff/").status_code == 302


def test_signing_out_takes_a_press_and_leads_to_the_sign_in_page(reception):
    browser = logged_in(reception)
    assert browser.get("/staff/logout/").status_code == 405
    assert browser.post("/staff/logout/")["Location"] == "/staff/login/"
    assert browser.get("/staff/").status_code == 302


def test_a_session_ends_so_many_hours_after_the_sign_in_however_busy_it_was(reception, settings, time_machine):
    time_machine.move_to("2026-11-30 07:00 +0000", tick=False)
    settings.SESSION_COOKIE_AGE = 12 * 3600
    browser = Client()
    sign_in_as(browser=browser)
    statuses, polls = [], []
    for _ in range(13):
        time_machine.shift(timedelta(hours=1))
        statuses.append(browser.get("/staff/").status_code)
        polls.append(browser.get("/staff/?shown=0", headers=HTMX).status_code)
    assert (statuses, polls) == ([200] * 11 + [302] * 2, [200] * 11 + [401] * 2)


def test_a_session_may_end_when_the_browser_is_closed(reception, settings):
    settings.SESSION_EXPIRE_AT_BROWSER_CLOSE = True
    browser = Client()
    sign_in_as(browser=browser)
    assert browser.cookies["sessionid"]["max-age"] == ""


# A form that was filled in while the session ended

TYPED = {"client_name": "Róisín O'Neill", "note": "two\nlines & <b>", "times": ["9", "10"], "seen": "x", "email": ""}


@pytest.fixture
def sent(settings):
    """What the form at /staff/a-form/ was sent."""
    settings.ROOT_URLCONF = "tests.staff_pages.with_a_form"
    with_a_form.SENT.clear()
    return with_a_form.SENT


def fields_of(response):
    """The form that the page's last button sends, without its token: the address, and the fields by their names."""
    page = Fields(response)
    return page.actions[-1], {name: values for name, values in page.hidden.items() if name != "csrfmiddlewaretoken"}


def test_nothing_typed_is_lost_and_nothing_is_done_before_it_is_sent_once_more(reception, sent):
    browser = Client()
    signed_out = browser.post("/staff/a-form/?day=2026-12-01", TYPED)
    assert signed_out.status_code == 403
    assert "You were signed out, so nothing was changed." in signed_out.content.decode()
    again = sign_in_as(browser=browser, **fields_of(signed_out)[1])
    assert (again.status_code, sent) == (200, [])
    address, fields = fields_of(again)
    browser.post(address, fields)
    assert (address, [dict(one.lists()) for one in sent]) == (
        "/staff/a-form/?day=2026-12-01",
        [{name: value if isinstance(value, list) else [value] for name, value in TYPED.items()}],
    )


def test_a_wrong_password_in_between_loses_nothing_either(reception, sent):
    browser = Client()
    carried = fields_of(browser.post("/staff/a-form/", TYPED))[1]
    wrong = sign_in_as(password="a guess", browser=browser, **carried)
    assert fields_of(wrong)[1] == carried


def test_a_password_is_never_carried_along(sent):
    answer = Client().post("/staff/a-form/", {"new_password1": "secret words", "code": "123456", "note": "kept"})
    assert fields_of(answer)[1] == {"next": ["/staff/a-form/"], "typed": ["note=kept"]}


def test_over_htmx_the_sign_in_form_takes_the_place_of_the_whole_page(sent):
    answer = Client(headers={"HX-Request": "true", "HX-Boosted": "true"}).post("/staff/a-form/", TYPED)
    retargeted = {name: answer.get(name) for name in ("HX-Retarget", "HX-Reswap", "HX-Push-Url")}
    assert retargeted == {"HX-Retarget": "#main", "HX-Reswap": "innerHTML", "HX-Push-Url": "false"}
    assert 'hx-boost="false"' in answer.content.decode()


def test_a_page_that_asks_by_itself_leaves_what_is_being_typed_beside_it():
    browser = Client(headers={"HX-Request": "true"})
    answers = [browser.get("/staff/"), browser.post("/staff/book/", {"find": "", "client_name": "Jo"})]
    assert [(answer.status_code, "HX-Push-Url" in answer) for answer in answers] == [(401, False)] * 2


def test_a_link_pressed_over_htmx_leads_to_the_sign_in_page():
    answer = Client(headers={"HX-Request": "true", "HX-Boosted": "true"}).get("/staff/")
    assert answer["Location"] == "/staff/login/?next=/staff/"


def test_a_form_older_than_another_sign_in_in_this_browser_is_shown_again(reception, sent):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(reception)
    answer = browser.post("/staff/a-form/", {**TYPED, "csrfmiddlewaretoken": "of yesterday"})
    address, fields = fields_of(answer)
    assert (answer.status_code, address, fields["client_name"], sent) == (403, "/staff/a-form/", ["Róisín O'Neill"], [])


def test_who_cannot_do_it_after_all_is_told_so(sent):
    provider = logged_in(somebody("Provider", provider=make_provider()))
    assert provider.post("/staff/a-form/", TYPED).status_code == 200
    nobody = logged_in(somebody("", name="nobody"))
    assert nobody.post("/staff/a-form/", TYPED).status_code == 403
    assert len(sent) == 1


# In the demonstration


@pytest.fixture
def demonstration(settings):
    """The practice of the demonstration with its logins, and without its week, which takes longer to make."""
    settings.DEBUG = True
    call_command("demo", empty=True, stdout=StringIO())
    make_logins()


def test_the_demonstration_is_looked_at_in_each_role_without_a_password(demonstration):
    page = Client().get("/staff/login/").content.decode()
    assert re.findall(r"Look around [^<]*", page) == [login.button for login in demo_logins.LOGINS]
    for login in demo_logins.LOGINS:
        browser = Client()
        answer = browser.post(f"/staff/login/look-around/{login.username}/", {"next": "/staff/?day=2026-12-01"})
        assert answer["Location"] == "/staff/?day=2026-12-01"
        assert browser.get("/staff/").status_code == 200


def test_with_debug_off_there_is_no_way_in_without_a_password(demonstration, settings):
    settings.DEBUG = False
    assert "Look around" not in Client().get("/staff/login/").content.decode()
    answers = [Client().post(f"/staff/login/look-around/{login.username}/") for login in demo_logins.LOGINS]
    assert [answer.status_code for answer in answers] == [404] * 3
    assert {user.has_usable_password() for user in User.objects.all()} == {False}


def test_only_the_logins_of_the_demonstration_are_open(settings, reception):
    settings.DEBUG = True
    assert Client().post("/staff/login/look-around/desk/").status_code == 404


def test_looking_around_takes_a_press_of_a_form_of_ours(demonstration):
    browser = Client(enforce_csrf_checks=True)
    assert browser.get("/staff/login/look-around/demo-owner/").status_code == 405
    assert browser.post("/staff/login/look-around/demo-owner/").status_code == 403


def test_the_public_page_leads_to_the_desk_in_two_presses(demonstration):
    browser = Client()
    assert '<a href="/staff/" hx-boost="false">For staff</a>' in browser.get("/").content.decode()
    page = Fields(browser.get("/staff/", follow=True))
    assert (page.actions[1], page.hidden["next"]) == ("/staff/login/look-around/demo-owner/", ["/staff/"] * 4)
    assert browser.post(page.actions[1], {"next": "/staff/"}, follow=True).request["PATH_INFO"] == "/staff/"
