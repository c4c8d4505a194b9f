"""What somebody reads who had to sign in before a form was sent: what it does, about whom, and what they typed."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from booking.models import Appointment
from payments.receipts import issue
from staff import urls
from staff.again import MEANINGS
from tests.booking.clock import dublin, instant
from tests.factories import make_appointment, make_payment, make_provider, make_taking
from tests.pages import Page, form_of, words
from tests.staff import logged_in, somebody
from tests.staff_pages.caller.form import PHONE, address, opened

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon_in_dublin")]

PASSWORD = "a long and unusual one"
NOT_THERE = "It is about something that is not there, or that your login does not show."
ELSEWHERE = {"origin": "https://evil.example", "sec-fetch-site": "cross-site"}


def with_a_password(user):
    user.set_password(PASSWORD)
    user.save()
    return user


@pytest.fixture
def other(provider):
    return make_provider(name="Dr Bo Ode", services=provider.services.all())


@pytest.fixture
def olive():
    return with_a_password(somebody("Owner", name="olive"))


@pytest.fixture
def paid(provider):
    at = instant("2026-12-01T10:00+00:00")
    booked = make_appointment(provider=provider, at=at, status="confirmed", client_name="Róisín O'Neill")
    make_payment(booked)
    return booked


def signed_out(path, fields, **headers):
    """Send a form without being signed in, and return the browser and the page that asks to sign in."""
    browser = Client(enforce_csrf_checks=True)
    return browser, browser.post(path, fields, headers=headers)


def shown_again(user, path, fields, **headers):
    """Sign in on that page, and return the page that comes after it."""
    browser, page = signed_out(path, fields, **headers)
    hidden = form_of(page.content.decode())
    return browser.post("/staff/login/", {**hidden, "username": user.username, "password": PASSWORD})


def read(answer):
    """Return what the page says of the form: a sentence, and then what was typed, each after its label."""
    told = Page(answer).text
    begins = told.index("Nothing was changed yet. This is what you were about to send:") + 1
    return told[begins : told.index("Send it now")]


@pytest.mark.parametrize(
    ("path", "fields", "sentence"),
    [
        ("/staff/people/", {}, "Look at what is held about this person."),
        ("/staff/people/download/", {"kind": "json"}, "Download what is held about this person."),
        ("/staff/people/erase/", {}, "Look at what would be erased about this person."),
        (
            "/staff/people/erase/",
            {"sure": "yes"},
            "Erase what is held about this person. This cannot be undone.",
        ),
    ],
)
def test_what_is_held_about_a_person_says_about_whom(olive, paid, path, fields, sentence):
    answer = shown_again(olive, path, {"who": "jo@example.com", **fields})
    assert read(answer) == [sentence, "Email address or phone number", "jo@example.com"]
    assert Appointment.objects.get().client_email == "jo@example.com"


def of_the_appointment(booked, part):
    return f"/staff/appointments/{booked.pk}/{part}/"


def hidden_of(user, path):
    return form_of(logged_in(user).get(path).content.decode())


def test_cancelling_says_whose_appointment_and_what_goes_back(olive, paid):
    path = of_the_appointment(paid, "cancel")
    answer = shown_again(olive, path, {**hidden_of(olive, path), "refund": "30.00"})
    sentence = "Cancel the appointment of Róisín O'Neill, Tuesday 1 December 2026, 10:00."
    assert read(answer) == [sentence, "Goes back to the client", "30.00"]


def test_returning_money_says_of_whose_appointment_how_much_and_how(olive, paid):
    path = of_the_appointment(paid, f"refund/{paid.payments.get().pk}")
    answer = shown_again(olive, path, {**hidden_of(olive, path), "amount": "20.00", "reason": "by hand"})
    assert read(answer)[:3] == [
        "Return money of the appointment of Róisín O'Neill, Tuesday 1 December 2026, 10:00.",
        "Amount",
        "20.00",
    ]
    assert "by hand" not in read(answer)


@pytest.mark.parametrize(
    ("part", "fields", "sentence"),
    [
        ("no-show", {}, "Write down that the client did not come: {}."),
        ("no-show", {"came": "yes"}, "Write down that the client came after all: {}."),
        ("link", {}, "Send the link again to {}."),
        (
            "move",
            {"appointment_time": "2026-12-02T11:00+00:00", "warned": "notice"},
            "Move the appointment of {}, to Wednesday 2 December 2026, 11:00.",
        ),
    ],
)
def test_a_button_alone_says_what_it_does_and_lists_nothing(olive, paid, part, fields, sentence):
    answer = shown_again(olive, of_the_appointment(paid, part), {"seen": "confirmed 60 0", **fields})
    assert read(answer) == [sentence.format("Róisín O'Neill, Tuesday 1 December 2026, 10:00")]


def test_what_was_typed_is_listed_by_the_labels_of_the_form(olive, paid):
    typed = {"client_name": "Roisin", "client_email": "", "client_phone": PHONE, "note": "two\nlines"}
    answer = shown_again(olive, of_the_appointment(paid, "correct"), {"seen": "x", **typed})
    assert read(answer) == [
        "Correct the details of Róisín O'Neill, Tuesday 1 December 2026, 10:00.",
        *("Name", "Roisin"),
        *("Phone number", PHONE),
        *("Note", "two", "lines"),
    ]
    assert answer.content.decode().count("<dt>") == 3


def test_a_form_for_a_caller_says_what_is_booked_and_lists_what_was_typed_in_words(olive, provider):
    form = opened(logged_in(olive))
    answer = shown_again(olive, address(), {**form, "client_phone": PHONE, "paying": "tonight"})
    assert read(answer) == [
        "Book Consultation with Dr Ada Byrne, Tuesday 2 June 2026, 10:00.",
        *("Name", "Jo Malone"),
        *("Phone number", PHONE),
        *("How it is paid", "By link, until tonight, 20:00"),
        *("Language of the mails", "English"),
    ]


def test_one_more_time_for_a_caller_is_named(olive, paid):
    fields = {"booked": paid.pk, "time": "2026-12-08T10:00+00:00", "spare": "x", "instead_of": "y"}
    answer = shown_again(olive, "/staff/book/another/", fields)
    assert read(answer) == ["Book one more for Róisín O'Neill, Tuesday 8 December 2026, 10:00."]


def test_time_off_says_who_is_away_and_when(olive, provider):
    typed = {"provider": provider.slug, "first_day": "2026-12-24", "last_day": "", "seen": "7"}
    answer = shown_again(olive, "/staff/away/", typed)
    assert read(answer) == ["Write down when Dr Ada Byrne is away.", "First day", "2026-12-24"]
    assert read(shown_again(olive, "/staff/away/", {"provider": "*"}))[0] == "Write down when everybody is away."
    assert read(shown_again(olive, "/staff/away/", {"provider": ""}))[0] == "Write down when somebody is away."


def test_time_off_that_is_taken_back_says_whose(olive, provider):
    off = provider.time_off.create(starts=dublin(10, "09:00"), ends=dublin(10, "12:00"))
    answer = shown_again(olive, "/staff/away/", {"take_back": off.pk})
    assert read(answer) == ["Take back that these are away: Dr Ada Byrne."]


@pytest.mark.parametrize(
    ("button", "sentence"),
    [({}, "Make a calendar address for {}."), ({"remove": "yes"}, "Remove the calendar address of {}.")],
)
def test_a_calendar_address_says_whose(olive, provider, button, sentence):
    answer = shown_again(olive, f"/staff/calendars/{provider.slug}/", {"seen": "", **button})
    assert read(answer) == [sentence.format(provider)]


def test_removing_a_portrait_says_whose(olive, provider):
    answer = shown_again(olive, f"/staff/portraits/{provider.slug}/", {"remove": "yes"})
    assert read(answer) == [f"Remove the portrait of {provider}."]


def test_a_picture_has_to_be_chosen_again_as_no_form_carries_it(olive, provider):
    path = f"/staff/portraits/{provider.slug}/"
    answer = shown_again(olive, path, {"picture": SimpleUploadedFile("ada.jpg", b"x")})
    assert (answer.status_code, answer["Location"]) == (302, path)


def test_holidays_say_what_they_become(olive, provider):
    answer = shown_again(olive, "/staff/away/holidays/", {"day": "2026-06-01", "seen": "7"})
    assert read(answer) == ["Write down the public holidays as time off."]


def test_hours_say_whose_they_are_and_which(olive, provider, other):
    typed = {"day_0": "9:00-13:00", "also": other.slug, "was": "Monday", "looked": "x", "save": "yes"}
    answer = shown_again(olive, f"/staff/hours/{provider.slug}/", typed)
    assert read(answer) == [
        "Save these as the working hours of Dr Ada Byrne.",
        *("Monday", "9:00-13:00"),
        *("Give the same week to", "Dr Bo Ode"),
    ]


def test_a_service_and_a_provider_say_what_was_typed_by_its_labels(olive, provider):
    service = provider.services.get()
    typed = {"name": "First visit", "price": "60", "payment": "at practice"}
    assert read(shown_again(olive, "/staff/add/service/", typed)) == [
        "Add a service.",
        *("What is it called?", "First visit"),
        *("Price in EUR", "60"),
        *("How is it paid?", "At the practice"),
    ]
    answer = shown_again(olive, f"/staff/services/{service.slug}/", {"name": "First visit", "was": "{}"})
    assert read(answer) == ["Change the service Consultation.", "What is it called?", "First visit"]
    typed = {"name": "Bo Ode", "services": str(service.pk), "days": ["0", "2"], "opens": "9"}
    assert read(shown_again(olive, "/staff/add/provider/", typed)) == [
        "Add a provider.",
        *("Name", "Bo Ode"),
        *("Services", "Consultation"),
        *("Works on", "Monday, Wednesday"),
        *("From", "9"),
    ]
    answer = shown_again(olive, f"/staff/providers/{provider.slug}/", {"title": "GP"})
    assert read(answer) == ["Change the provider Dr Ada Byrne.", "Profession or title", "GP"]


def test_another_deadline_says_whose_time_it_keeps(olive, provider):
    held = make_appointment(provider=provider, at=dublin(9, "10:00"), client_name="Jo Malone")
    answer = shown_again(olive, of_the_appointment(held, "keep"), {"day": "2026-06-03", "clock": "18:00", "seen": "x"})
    assert read(answer) == [
        "Keep the time of Jo Malone, Tuesday 9 June 2026, 10:00, until another deadline to pay.",
        *("Day", "2026-06-03"),
        *("Time", "18:00"),
    ]


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/staff/appointments/{}/cancel/", {"refund": "30.00"}),
        ("/staff/book/another/", {"booked": "{}", "time": "2026-12-08T10:00+00:00"}),
        ("/staff/book/", {"provider": "dr-ada-byrne", "service": "consultation", "client_name": "Jo"}),
        ("/staff/appointments/4711/cancel/", {"refund": "30.00"}),
        ("/staff/appointments/{}/move/", {"appointment_time": "rubbish"}),
        ("/staff/book/", {"provider": "\0", "service": "x", "appointment_time": "y"}),
        ("/staff/away/", {"take_back": "4711"}),
        ("/staff/hours/nobody/", {"day_0": "all day"}),
    ],
)
def test_of_another_diary_and_of_what_is_not_there_nothing_is_named(paid, other, path, fields):
    bo = with_a_password(somebody("Provider", provider=other, name="bo"))
    fields = {name: value.format(paid.pk) for name, value in fields.items()}
    assert read(shown_again(bo, path.format(paid.pk), fields)) == [NOT_THERE]


def test_who_may_not_look_reads_nothing_of_it(paid):
    nobody = with_a_password(somebody("", name="nobody"))
    answer = shown_again(nobody, of_the_appointment(paid, "cancel"), {"refund": "30.00"})
    assert (answer.status_code, "Róisín" in words(answer)) == (403, False)


def test_each_address_that_takes_a_form_has_words_for_it(olive, paid, provider, nobody_outside_answers):
    """Those of the login itself carry nothing along."""
    rows = {"payment_pk": paid.payments.get().pk, "taking_pk": make_taking(paid).pk}
    known = {"pk": paid.pk, **rows, "provider": provider.slug, "service": provider.services.get().slug}
    known["label"] = issue(paid).label
    browser, take_a_form = logged_in(olive), set()
    for pattern in urls.urlpatterns:
        name = f"staff:{pattern.name}"
        if hasattr(pattern.callback, "after_csrf_failure"):
            path = reverse(name, kwargs={part: known[part] for part in pattern.pattern.converters})
            take_a_form |= {name} if browser.post(path).status_code != 405 else set()
    assert take_a_form == set(MEANINGS)


# A form that another site has sent


@pytest.mark.parametrize(
    "headers",
    [
        ELSEWHERE,
        {"sec-fetch-site": "same-site"},
        {"origin": "null"},
        {"origin": "https://testserver"},
        {"origin": "http://testserver.evil.example"},
    ],
)
def test_a_form_of_another_site_does_not_survive_the_sign_in(olive, paid, headers):
    path = of_the_appointment(paid, f"refund/{paid.payments.get().pk}")
    _, page = signed_out(path, {"amount": "60", "seen": "0", "reason": "by hand"}, **headers)
    hidden = form_of(page.content.decode())
    assert (page.status_code, hidden["next"], "typed" in hidden) == (403, "/staff/", False)
    assert "what you typed" not in words(page)
    answer = shown_again(olive, path, {"amount": "60"}, **headers)
    assert (answer.status_code, answer["Location"]) == (302, "/staff/")


@pytest.mark.parametrize("headers", [{}, {"origin": "http://testserver", "sec-fetch-site": "same-origin"}])
def test_a_form_of_ours_survives_it(olive, paid, headers):
    answer = shown_again(olive, of_the_appointment(paid, "no-show"), {"seen": "x"}, **headers)
    assert (answer.status_code, "Send it now" in words(answer)) == (200, True)


def test_a_form_of_the_address_that_the_site_has_in_its_mails_is_ours(olive, paid, settings):
    settings.CSRF_TRUSTED_ORIGINS = ["https://book.example.com"]
    headers = {"origin": "https://book.example.com"}
    assert shown_again(olive, of_the_appointment(paid, "no-show"), {"seen": "x"}, **headers).status_code == 200


def test_who_is_signed_in_is_shown_no_form_of_another_site_either(olive, paid):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(olive)
    answer = browser.post(of_the_appointment(paid, "cancel"), {"refund": "60"}, headers=ELSEWHERE)
    assert (answer.status_code, "Another site has sent this" in words(answer)) == (403, True)
    assert ("Send it now" in words(answer), Appointment.objects.get().status) == (False, "confirmed")
