"""Somebody's own login: another password, and a second factor that the desk and the admin then ask for."""

import re
from base64 import b32encode
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice

from staff import second_factor
from tests.staff import logged_in, somebody
from tests.staff_pages.fields import Fields

pytestmark = [pytest.mark.django_db]

PASSWORD, ANOTHER = "a long and unusual one", "another that nobody guesses"
KEY = "0123456789abcdef0123456789abcdef01234567"
WRONG_CODE = "This code is not right, or no longer. Type the one that your telephone shows now."


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to("2026-11-30 09:00 +0000", tick=False)
    return time_machine


@pytest.fixture
def owner():
    user = somebody("Owner", name="owner")
    user.set_password(PASSWORD)
    user.save()
    return user


@pytest.fixture
def telephone(owner, clock):
    """The owner has a second factor. Returns a function that reads the code off the telephone."""
    second_factor.set_up(owner, KEY, shown(KEY))
    clock.shift(timedelta(minutes=1))
    return lambda: shown(KEY)


def shown(key):
    """What a telephone with this key shows now."""
    code = TOTP(bytes.fromhex(key))
    return f"{code.token():06}"


def password_typed(browser=None, address="/staff/login/", **fields):
    return (browser or Client()).post(address, {"username": "owner", "password": PASSWORD, **fields})


def alerts(response):
    return re.findall(r'<li>\s*<a href="#id_\w+">\s*(.*?)\s*</a>\s*</li>', response.content.decode())


# The password


def change_password(browser, old=PASSWORD, new=ANOTHER, again=None):
    typed = {"old_password": old, "new_password1": new, "new_password2": new if again is None else again}
    return browser.post("/staff/password/", typed)


def test_a_changed_password_ends_the_sessions_elsewhere_and_not_the_one_here(owner):
    here, elsewhere = logged_in(owner), logged_in(owner)
    answer = change_password(here)
    assert (answer.status_code, answer["Location"]) == (303, "/staff/password/?changed=1")
    assert "Your password is changed." in here.get(answer["Location"]).content.decode()
    assert [browser.get("/staff/").status_code for browser in (here, elsewhere)] == [200, 302]
    assert User.objects.get().check_password(ANOTHER)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"old": "a guess"}, "This is not your password. Type it once more."),
        ({"new": "password123"}, "This password is too common."),
        ({"new": "2718281828"}, "This password is entirely numeric."),
        ({"again": "something else"}, "The two password fields didn’t match."),
        ({"old": "", "new": "", "again": ""}, "Type the password that you have now."),
    ],
)
def test_a_password_is_refused_in_a_sentence_and_stays(owner, typed, sentence):
    answer = change_password(logged_in(owner), **typed)
    assert (answer.status_code, sentence in alerts(answer)) == (422, True)
    assert User.objects.get().check_password(PASSWORD)
    assert not any(word in answer.content.decode() for word in (PASSWORD, ANOTHER, "a guess", "something else"))


def test_nobody_guesses_a_password_at_a_machine_where_its_owner_has_signed_in(owner):
    browser = logged_in(owner)
    answers = [change_password(browser, old="a guess").status_code for _ in range(10)]
    refused = change_password(browser)
    assert (answers, refused.status_code, refused["Retry-After"]) == ([422] * 10, 429, "60")


def test_signed_out_these_pages_lead_to_the_sign_in_page(owner):
    answers = [change_password(Client()), Client().get("/staff/second-factor/")]
    assert [answer["Location"] for answer in answers] == [
        "/staff/login/?next=/staff/password/",
        "/staff/login/?next=/staff/second-factor/",
    ]


# Setting up a second factor


def test_the_page_shows_a_picture_and_the_same_key_in_letters_and_changes_nothing(owner):
    page = logged_in(owner).get("/staff/second-factor/")
    key = Fields(page).hidden["key"][0]
    words = page.content.decode()
    letters = re.search(r'<code class="key">(.*?)</code>', words)[1]
    assert letters.replace(" ", "") == b32encode(bytes.fromhex(key)).decode()
    assert ("<svg" in words, "style=" in words, TOTPDevice.objects.count()) == (True, False, 0)


def test_it_is_set_up_with_the_password_and_the_first_code_and_gives_recovery_codes(owner):
    browser = logged_in(owner)
    answer = browser.post("/staff/second-factor/", {"key": KEY, "password": PASSWORD, "code": shown(KEY)})
    codes = re.findall(r"<li><code>(\w{8})</code></li>", answer.content.decode())
    assert (answer.status_code, len(set(codes))) == (200, 10)
    assert "Recovery codes that you have not used: 10." in browser.get("/staff/second-factor/").content.decode()


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"code": "000000"}, WRONG_CODE),
        ({"code": ""}, "Type the code that your telephone shows."),
        ({"password": "a guess"}, "This is not your password. Type it once more."),
    ],
)
def test_what_is_wrong_is_told_with_the_same_key_again(owner, typed, sentence):
    given = {"key": KEY, "password": PASSWORD, "code": shown(KEY), **typed}
    answer = logged_in(owner).post("/staff/second-factor/", given)
    assert (answer.status_code, alerts(answer), Fields(answer).hidden["key"]) == (422, [sentence], [KEY])
    assert not TOTPDevice.objects.exists()


def test_a_key_that_is_none_is_replaced(owner):
    answer = logged_in(owner).post("/staff/second-factor/", {"key": "short", "password": PASSWORD, "code": "123456"})
    assert (answer.status_code, len(Fields(answer).hidden["key"][0])) == (422, 40)


def test_a_login_of_the_demonstration_has_nothing_to_change():
    user = somebody("Reception")
    user.set_unusable_password()
    user.save()
    pages = [logged_in(user).get(f"/staff/{page}/").content.decode() for page in ("password", "second-factor")]
    assert ["This login has no password" in page for page in pages] == [True, True]


# Signing in with one


@pytest.mark.parametrize("address", ["/staff/login/", "/admin/login/?next=/admin/"])
def test_the_password_alone_signs_in_nowhere(owner, telephone, address):
    browser = Client()
    assert "Your password was right." in password_typed(browser, address).content.decode()
    assert [browser.get(page).status_code for page in ("/staff/", "/admin/", "/staff/password/")] == [302] * 3


@pytest.mark.parametrize(
    ("address", "reached"), [("/staff/login/", "/staff/?day=2026-12-01"), ("/admin/login/", "/admin/auth/user/")]
)
def test_the_code_leads_to_where_they_were_going(owner, telephone, address, reached):
    browser = Client()
    asked = Fields(password_typed(browser, address, next=reached))
    answer = browser.post(asked.actions[-1], {"next": asked.hidden["next"][0], "code": telephone()})
    assert (answer.status_code, answer["Location"]) == (302, reached)
    assert browser.get(reached).status_code == 200


def test_what_was_typed_before_the_session_ended_is_carried_through_both_steps(owner, telephone):
    browser = Client()
    asked = Fields(password_typed(browser, next="/staff/a-form/", typed="note=kept"))
    answer = browser.post("/staff/login/code/", {**dict(asked.hidden), "code": telephone()})
    assert (Fields(answer).actions[-1], Fields(answer).hidden["note"]) == ("/staff/a-form/", ["kept"])


def test_a_wrong_code_makes_wait_and_even_the_right_one_is_not_looked_at_meanwhile(owner, telephone, clock):
    browser = Client()
    password_typed(browser)
    wrong = browser.post("/staff/login/code/", {"code": "000000"})
    assert (wrong.status_code, alerts(wrong)) == (422, [WRONG_CODE])
    refused = browser.post("/staff/login/code/", {"code": telephone()})
    assert (refused.status_code, refused["Retry-After"]) == (429, "1")
    clock.shift(timedelta(seconds=2))
    assert browser.post("/staff/login/code/", {"code": telephone()}).status_code == 302


def test_each_wrong_code_makes_wait_twice_as_long_also_in_another_browser(owner, telephone, clock):
    waits = []
    for _ in range(5):
        browser = Client()
        password_typed(browser)
        browser.post("/staff/login/code/", {"code": "000000"})
        waits.append(int(browser.post("/staff/login/code/", {"code": "000000"})["Retry-After"]))
        clock.shift(timedelta(seconds=waits[-1] + 1))
    assert waits == [1, 2, 4, 8, 16]


def test_a_code_is_used_once(owner, telephone):
    first, second = Client(), Client()
    for browser in (first, second):
        password_typed(browser)
    code = telephone()
    answers = [browser.post("/staff/login/code/", {"code": code}).status_code for browser in (first, second)]
    assert answers == [302, 422]


def test_a_recovery_code_lets_in_once_however_it_is_written(owner, telephone):
    code = second_factor.new_recovery_codes(owner)[0]
    for browser, status in ((Client(), 302), (Client(), 422)):
        password_typed(browser)
        typed = f"{code[:4].upper()} {code[4:]}"
        assert browser.post("/staff/login/code/", {"code": typed}).status_code == status
    assert second_factor.recovery_codes_left(owner) == 9


@pytest.mark.parametrize("what", ["too late", "no password given", "password changed", "login closed"])
def test_a_code_is_taken_only_from_who_has_just_given_the_password(owner, telephone, clock, what):
    browser = Client()
    if what != "no password given":
        password_typed(browser)
    if what == "too late":
        clock.shift(timedelta(minutes=11))
    if what == "password changed":
        owner.set_password(ANOTHER)
    owner.is_active = what != "login closed"
    owner.save()
    answer = browser.post("/staff/login/code/", {"code": telephone()})
    assert (answer.status_code, "you are not signed in" in answer.content.decode()) == (403, True)
    assert browser.get("/staff/").status_code == 302


# Getting rid of it


def test_it_is_removed_with_a_code(owner, telephone):
    browser = logged_in(owner)
    wrong = browser.post("/staff/second-factor/remove/", {"code": "aaaaaaaa"})
    assert (wrong.status_code, alerts(wrong)) == (422, [WRONG_CODE])
    assert browser.post("/staff/second-factor/remove/", {"code": telephone()}).status_code == 303
    assert password_typed().status_code == 302


def test_new_recovery_codes_end_the_old_ones(owner, telephone):
    old = second_factor.new_recovery_codes(owner)[0]
    answer = logged_in(owner).post("/staff/second-factor/recovery-codes/", {"code": telephone()})
    assert (answer.status_code, old in answer.content.decode()) == (200, False)
    assert second_factor.is_right(owner, old) is False


def test_an_owner_removes_the_second_factor_of_somebody_whose_telephone_is_lost(owner):
    other = somebody("Reception", name="desk")
    second_factor.set_up(other, KEY, shown(KEY))
    device = TOTPDevice.objects.get()
    browser = logged_in(owner)
    assert KEY not in browser.get(f"/admin/otp_totp/totpdevice/{device.pk}/change/").content.decode()
    browser.post(f"/admin/otp_totp/totpdevice/{device.pk}/delete/", {"post": "yes"})
    assert second_factor.telephone_of(other) is None
