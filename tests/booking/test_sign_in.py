"""Nobody guesses a password of staff, and nobody keeps another person from signing in."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from booking import sign_in
from booking.models import Tries
from tests.staff import member_of_staff

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon_in_dublin")]

PASSWORD = "a long and unusual one"
SENTENCE = (
    "There were too many tries to sign in, from this network or with this name, so this one was not looked at. Wait a "
    "minute and try again, or sign in where you have signed in before."
)


@pytest.fixture
def owner():
    return User.objects.create_user("owner", password=PASSWORD, is_staff=True)


def try_to_sign_in(*, name="owner", password="a guess", network="192.0.2.1", browser=None):
    typed = {"username": name, "password": password}
    return (browser or Client()).post("/admin/login/?next=/admin/", typed, REMOTE_ADDR=network)


def networks(count):
    return [f"198.51.100.{number}" for number in range(count)]


def alerts(answer):
    notes = re.findall(r'class="errornote">(.*?)</p>', answer.content.decode(), re.DOTALL)
    return [" ".join(note.split()) for note in notes]


def test_the_right_password_signs_in_and_a_wrong_one_is_told_as_ever(owner):
    assert try_to_sign_in().status_code == 200
    answer = try_to_sign_in(password=PASSWORD)
    assert (answer.status_code, answer["Location"]) == (302, "/admin/")


def test_a_name_is_tried_ten_times_from_wherever_that_is_and_then_429(owner):
    answers = [try_to_sign_in(network=network) for network in networks(12)]
    assert [answer.status_code for answer in answers] == [200] * 10 + [429] * 2
    assert answers[-1]["Retry-After"] == "60"


def test_the_sign_in_page_itself_says_so_and_keeps_the_name(owner):
    for network in networks(10):
        try_to_sign_in(network=network)
    answer = try_to_sign_in()
    assert (alerts(answer), 'value="owner"' in answer.content.decode()) == ([SENTENCE], True)


def test_after_too_many_tries_even_the_right_password_is_not_looked_at(owner):
    for network in networks(10):
        try_to_sign_in(network=network)
    assert try_to_sign_in(password=PASSWORD).status_code == 429


def test_who_waits_has_another_try(owner, time_machine):
    for network in networks(10):
        try_to_sign_in(network=network)
    time_machine.shift(timedelta(minutes=1))
    assert try_to_sign_in(password=PASSWORD).status_code == 302


def test_the_name_is_the_same_however_it_is_written(owner):
    names = ["owner", "OWNER", "Owner", "oWner", "owneR"] * 2
    for name, network in zip(names, networks(10), strict=True):
        try_to_sign_in(name=name, network=network)
    assert try_to_sign_in().status_code == 429


def test_a_network_tries_twenty_times_whatever_the_names(owner):
    answers = [try_to_sign_in(name=f"somebody{number}") for number in range(21)]
    assert [answer.status_code for answer in answers] == [200] * 20 + [429]
    assert answers[-1]["Retry-After"] == "30"
    assert try_to_sign_in(password=PASSWORD, network="192.0.2.9").status_code == 302


def test_colleagues_who_sign_in_from_one_network_do_not_use_its_tries_up(owner):
    answers = [try_to_sign_in(password=PASSWORD) for _ in range(25)]
    assert [answer.status_code for answer in answers] == [302] * 25


def test_who_may_sign_in_somewhere_cannot_win_back_tries_with_other_names(owner):
    """A right password gives back its own try, and not those of the wrong ones before it."""
    for number in range(19):
        try_to_sign_in(name=f"somebody{number}")
    assert try_to_sign_in(password=PASSWORD).status_code == 302
    assert [try_to_sign_in(name=name).status_code for name in ("ann", "bob")] == [200, 429]


def test_a_stranger_cannot_keep_the_owner_out_of_a_browser_where_they_have_signed_in(owner):
    browser = Client()
    assert try_to_sign_in(password=PASSWORD, browser=browser).status_code == 302
    browser.post("/admin/logout/")
    for network in networks(30):
        try_to_sign_in(network=network)
    for _ in range(30):
        try_to_sign_in(name="somebody")
    assert try_to_sign_in(password=PASSWORD).status_code == 429
    assert try_to_sign_in(password=PASSWORD, browser=browser).status_code == 302


def test_in_a_browser_that_is_known_a_password_cannot_be_guessed_either(owner):
    browser = Client()
    try_to_sign_in(password=PASSWORD, browser=browser)
    answers = [try_to_sign_in(browser=browser) for _ in range(11)]
    assert [answer.status_code for answer in answers] == [200] * 10 + [429]
    assert try_to_sign_in(password=PASSWORD).status_code == 302


def test_what_marks_a_browser_is_for_one_name_and_cannot_be_made_up(owner):
    browser = Client()
    try_to_sign_in(password=PASSWORD, browser=browser)
    mark = browser.cookies[sign_in.cookie_for("owner")]
    assert (mark["httponly"], mark["samesite"], "owner" in mark.key + mark.value) == (True, "Lax", False)
    User.objects.create_user("other", password=PASSWORD, is_staff=True)
    for network in networks(10):
        try_to_sign_in(name="other", network=network)
    browser.cookies[sign_in.cookie_for("other")] = mark.value
    assert try_to_sign_in(name="other", password=PASSWORD, browser=browser).status_code == 429


def test_neither_name_nor_network_is_kept_and_what_is_kept_is_forgotten(owner, time_machine):
    try_to_sign_in()
    assert [len(key) for key in Tries.objects.values_list("key", flat=True)] == [64] * 3
    time_machine.shift(timedelta(minutes=10))
    assert (Tries.objects.forget(timezone.now()), Tries.objects.count()) == (3, 0)


def test_a_form_that_is_not_filled_in_is_no_try(owner):
    answers = [try_to_sign_in(name="", password="") for _ in range(25)]
    assert [answer.status_code for answer in answers] == [200] * 25


@pytest.mark.django_db(transaction=True)
def test_a_crowd_of_guesses_at_one_moment_has_no_more_than_ten(together):
    User.objects.create_user("owner", password=PASSWORD, is_staff=True)
    tries = [lambda network=network: try_to_sign_in(network=network).status_code for network in networks(14)]
    assert sorted(together(*tries)) == [200] * 10 + [429] * 4


@pytest.mark.parametrize("password", ["short1!", "password123", "2718281828", "receptionist"])
def test_a_password_that_is_easily_guessed_is_refused(password):
    user = User(username="receptionist")
    with pytest.raises(ValidationError):
        validate_password(password, user)


def test_the_admin_refuses_it_where_a_password_is_set():
    typed = {"username": "desk", "password1": "password123", "password2": "password123"}
    owner = member_of_staff("add_user", "change_user")
    answer = owner.post("/admin/auth/user/add/", {**typed, "usable_password": "true"})
    assert ("This password is too common." in answer.content.decode(), User.objects.count()) == (True, 1)
