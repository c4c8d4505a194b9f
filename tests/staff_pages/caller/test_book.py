"""Staff book a time for somebody who has called: by link, at the practice, or free of charge."""

import re
from decimal import Decimal

import pytest

from booking.models import Appointment, Mail
from booking.models.offers import Offer
from staff.forms.caller import CallerForm
from tests.booking.clock import dublin, instant
from tests.factories import make_appointment, make_service
from tests.pages import Page, page_and_htmx, problem, words
from tests.staff import logged_in, somebody
from tests.staff_pages.caller.form import KEPT, PHONE, TEN, address, opened, send

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon_in_dublin", "default_rules")]


def test_a_gap_of_the_day_opens_the_form_at_that_provider_and_time(desk, provider):
    page = Page(desk.get("/staff/book/?provider=dr-ada-byrne&time=2026-06-02T10:00%2B01:00"))
    assert page.heading("h1") == ["Book for a caller"]
    assert (page.fields["service"], page.fields["appointment_time"]) == ("consultation", TEN)


def test_a_gap_of_a_provider_with_several_services_asks_what_for_and_keeps_the_time(desk, provider):
    provider.services.add(make_service(name="Check", minutes=15))
    page = Page(desk.get("/staff/book/?provider=dr-ada-byrne&time=2026-06-02T10:00%2B01:00"))
    assert "Tuesday 2 June 2026, 10:00" in page.text
    [link] = {link for link in page.links.values() if "service=check" in link}
    assert Page(desk.get(link)).fields["appointment_time"] == TEN


def test_the_chooser_begins_with_everybody_whom_one_may_book(desk, ada, provider, other):
    assert {"Dr Ada Byrne", "Dr Bo Ode"} <= set(Page(desk.get("/staff/book/")).text)
    assert "Dr Bo Ode" not in Page(ada.get("/staff/book/")).text


@page_and_htmx
def test_a_caller_with_a_phone_alone_is_booked_by_link_and_nothing_is_mailed(desk, provider, headers):
    answer = send(desk, opened(desk), client_phone=PHONE, note="Comes with crutches", headers=headers)
    booked = Appointment.objects.get()
    assert (answer.status_code, answer["Location"]) == (303, f"/staff/book/booked/?booked={booked.pk}")
    assert (booked.status, booked.appointment_time, booked.client_name) == ("held", dublin(2, "10:00"), "Jo Malone")
    assert (booked.client_phone, booked.client_email, booked.note) == (KEPT, "", "Comes with crutches")
    assert (booked.hold_expires_at, booked.kept_until) == (dublin(1, "20:00"), dublin(1, "20:00"))
    assert Mail.objects.filter(reader="client").count() == 0
    [change] = booked.changes.all()
    assert (change.kind, change.by_name) == ("booked", "Grace Kelly")


def test_the_form_says_that_a_name_is_optional_and_what_the_day_shows_without_one(desk, provider):
    form = opened(desk)
    said = words(desk.get(address(time=TEN)))
    assert "Name Optional. Without one, the day shows the email address or the phone number." in said
    send(desk, form, client_name="", client_phone=PHONE)
    assert "+353 87 123 4567" in words(desk.get("/staff/?day=2026-06-02"))


def test_with_an_email_the_link_is_mailed(desk, provider):
    send(desk, opened(desk), client_email="jo@example.com")
    [mail] = Mail.objects.filter(reader="client")
    assert (mail.kind, mail.address) == ("payment link", "jo@example.com")
    assert Appointment.objects.get().hold_expires_at == dublin(1, "20:00")


@pytest.mark.parametrize(
    ("paying", "typed", "until"),
    [
        ("2 hours", "", dublin(1, "14:00")),
        ("tonight", "", dublin(1, "20:00")),
        ("begins", "", dublin(2, "10:00")),
        ("other", "2026-06-02 09:30", dublin(2, "09:30")),
    ],
)
def test_staff_choose_until_when_it_is_kept(desk, provider, paying, typed, until):
    day, _, clock = typed.partition(" ")
    send(desk, opened(desk), client_phone=PHONE, paying=paying, day=day, clock=clock)
    assert Appointment.objects.get().hold_expires_at == until


def test_it_may_be_free_of_charge_this_time(desk, provider):
    send(desk, opened(desk), client_phone=PHONE, paying="free")
    booked = Appointment.objects.get()
    assert (booked.status, booked.price, booked.changes.get().facts) == ("confirmed", Decimal(0), {"waived": "60.00"})


DEPOSIT = {"payment": "deposit", "deposit": Decimal("20.00")}
paid_online = pytest.mark.parametrize(
    ("facts", "online"), [({}, "60.00"), (DEPOSIT, "20.00")], ids=["online", "deposit"]
)


@page_and_htmx
@paid_online
def test_what_is_paid_online_may_be_paid_at_the_practice_this_time(desk, provider, facts, online, headers):
    provider.services.update(**facts)
    answer = send(desk, opened(desk), client_phone=PHONE, paying="at practice", headers=headers)
    booked = Appointment.objects.get()
    assert (booked.status, booked.kept_until, booked.hold_expires_at) == ("confirmed", None, None)
    assert (booked.price, booked.due_online, booked.due_at_practice) == (Decimal("60.00"), Decimal(0), Decimal("60.00"))
    [change] = booked.changes.all()
    assert (change.kind, change.by_name, change.facts) == ("booked", "Grace Kelly", {"at_practice": online})
    said = words(desk.get(answer["Location"]))
    assert "€60.00, at the practice." in said
    assert "It is confirmed. The client can look at it, change it or cancel it here:" in said


@paid_online
def test_the_form_offers_the_practice_after_the_links_and_presets_a_link(desk, provider, facts, online):
    provider.services.update(**facts)
    page = desk.get(address(time=TEN))
    said = words(page)
    assert "until another time" in said
    assert said.index("until another time") < said.index("At the practice: €60.00") < said.index("Free of charge this")
    assert "Paid at the practice, or free of charge, it is confirmed at once." in said
    assert re.findall(r'name="paying" value="([^"]*)"[^>]* checked', page.content.decode()) == ["tonight"]


def test_without_a_deadline_to_offer_a_link_is_preset_all_the_same(provider):
    assert CallerForm(offer=Offer(provider, provider.services.get())).fields["paying"].initial == "other"


def test_several_in_a_row_are_all_to_be_paid_at_the_practice(desk, provider):
    send(desk, opened(desk), client_phone=PHONE, paying="at practice", every="1", times="3")
    booked = Appointment.objects.all()
    assert [(one.status, one.due_at_practice) for one in booked] == [("confirmed", Decimal("60.00"))] * 3
    assert [change.facts for one in booked for change in one.changes.all()] == [{"at_practice": "60.00"}] * 3


def test_what_costs_nothing_is_confirmed_and_nobody_asks_how_it_is_paid(desk, provider):
    provider.services.add(make_service(name="Call", minutes=15, price="0.00"))
    form = opened(desk, service="call")
    assert "paying" not in Page(desk.get(address(service="call", time=TEN))).fields
    send(desk, form, client_phone=PHONE, paying=None)
    assert Appointment.objects.get().status == "confirmed"


@pytest.mark.parametrize(("paying", "price"), [("at practice", "60.00"), ("free", "0.00")])
def test_what_is_paid_at_the_practice_is_confirmed_at_once_or_free_of_charge(desk, provider, paying, price):
    provider.services.update(payment="at practice")
    said = words(desk.get(address(time=TEN)))
    assert "How it is paid Either way it is confirmed at once. At the practice: €60.00 Free of charge this time" in said
    answer = send(desk, opened(desk), client_phone=PHONE, paying=paying)
    booked = Appointment.objects.get()
    assert (booked.status, booked.price, booked.due_at_practice) == ("confirmed", Decimal(price), Decimal(price))
    assert ("€60.00, at the practice." in words(desk.get(answer["Location"]))) == (paying == "at practice")


def test_the_link_is_for_the_deposit_and_the_page_says_so(desk, provider):
    provider.services.update(payment="deposit", deposit=Decimal("20.00"))
    said = words(desk.get(address(time=TEN)))
    assert "The link is for the deposit of €20.00; the other €40.00 is paid at the practice." in said
    answer = send(desk, opened(desk), client_phone=PHONE)
    booked = Appointment.objects.get()
    assert (booked.status, booked.due_online, booked.kept_until) == ("held", Decimal("20.00"), dublin(1, "20:00"))
    assert "€60.00, deposit €20.00." in words(desk.get(answer["Location"]))


def test_a_service_whose_terms_changed_while_the_form_was_open_is_not_booked(desk, provider):
    form = opened(desk)
    provider.services.update(payment="deposit", deposit=Decimal("20.00"))
    answer = send(desk, form, client_phone=PHONE)
    sentence = "What is paid online is now €20.00. When you opened this page it was the whole price."
    assert (answer.status_code, sentence in problem(answer), Appointment.objects.count()) == (409, True, 0)


@pytest.mark.parametrize("time", ["2026-06-01T12:15+01:00", "2027-05-18T10:00+01:00"])
def test_staff_book_sooner_and_further_ahead_than_clients(desk, provider, time):
    send(desk, opened(desk, time=time), client_phone=PHONE, paying="begins")
    assert Appointment.objects.get().appointment_time == instant(time)


def test_a_press_on_the_button_twice_books_once(desk, provider):
    form = opened(desk)
    first, second = (send(desk, form, client_phone=PHONE) for _ in range(2))
    assert (first["Location"], second["Location"], Appointment.objects.count()) == (first["Location"],) * 2 + (1,)


@page_and_htmx
@pytest.mark.parametrize(
    "corrected",
    [
        {"client_name": "Jo Mallone"},
        {"client_email": "jo@example.ie"},
        {"client_phone": "087 123 4568"},
        {"note": "Crutches"},
        {"paying": "free"},
        {"paying": "at practice"},
    ],
)
def test_a_form_that_is_sent_again_with_other_details_says_what_it_has_booked(desk, provider, corrected, headers):
    typed = {"client_phone": PHONE, "client_email": "jo@example.com"}
    form = opened(desk)
    send(desk, form, **typed)
    answer = send(desk, form, headers=headers, **{**typed, **corrected})
    booked, page = Appointment.objects.get(), Page(answer)
    sentence = "This form has booked that time for Jo Malone already, with other details. Nothing was changed now."
    assert (answer.status_code, page.problem[0]) == (409, sentence)
    assert {"Jo Malone", "+353 87 123 4567", "jo@example.com"} <= set(page.text)
    assert page.links["Open that appointment to correct it"] == f"/staff/appointments/{booked.pk}/"
    assert {name: page.fields[name] for name in corrected if name != "paying"} == {
        name: value for name, value in corrected.items() if name != "paying"
    }


def test_a_form_that_is_sent_again_for_another_time_and_client_books_that(desk, provider):
    form = opened(desk)
    send(desk, form, client_phone=PHONE)
    answer = send(desk, form, client_phone=PHONE, client_name="Bo", appointment_time="2026-06-02T11:00+01:00")
    first, second = Appointment.objects.order_by("appointment_time")
    assert answer["Location"] == f"/staff/book/booked/?booked={second.pk}"
    assert (first.client_name, second.client_name, second.appointment_time) == ("Jo Malone", "Bo", dublin(2, "11:00"))
    assert len({first.reference, second.reference}) == 2


def test_what_was_cancelled_meanwhile_is_booked_anew_by_the_same_form(desk, provider):
    form = opened(desk)
    send(desk, form, client_phone=PHONE)
    Appointment.objects.get().cancel()
    send(desk, form, client_phone=PHONE)
    assert sorted(Appointment.objects.values_list("status", flat=True)) == ["cancelled", "held"]


def test_a_form_with_a_reference_of_ones_own_gets_another_one(desk, provider):
    send(desk, opened(desk), client_phone=PHONE, spare="guess-me")
    assert len(Appointment.objects.get().reference) == 22


def test_back_after_booking_says_who_has_the_time(desk, provider):
    send(desk, opened(desk), client_phone=PHONE)
    answer = desk.get(address(time=TEN))
    assert (answer.status_code, Page(answer).problem[0]) == (409, "Jo Malone has that time.")


# What is wrong


WRONG = [
    ({"client_phone": ""}, "Enter a phone number or an email address: one of the two is needed."),
    ({"client_phone": "call me"}, "Enter a phone number, like 085 012 3456. Begin one of another country with +."),
    ({"client_email": "jo@example"}, "Enter an email address, like name@example.com."),
    ({"paying": "other", "day": "2026-06-02"}, "Enter the day and the time of the deadline."),
    (
        {"paying": "other", "day": "2026-06-02\0", "clock": "09:00"},
        "Enter the day and the time of the deadline.",
    ),
    (
        {"paying": "other", "day": "2026-06-02", "clock": "09:00\0"},
        "Enter the day and the time of the deadline.",
    ),
    (
        {"paying": "other", "day": "2026-06-02", "clock": "10:01"},
        "The appointment begins before that deadline. Choose an earlier one.",
    ),
    ({"paying": "other", "day": "2026-06-01", "clock": "12:00"}, "That deadline is over. Choose a later one."),
    ({"paying": "3 days"}, "That deadline can no longer be met. Choose another."),
    ({"paying": None}, "Choose how it is paid."),
    ({"every": "1", "times": "13"}, "Choose a number from 2 to 12."),
    ({"every": "1", "times": ""}, "Choose a number from 2 to 12."),
    ({"every": "1", "times": "1"}, "Choose a number from 2 to 12."),
    ({"every": "", "times": "0"}, "Choose a number from 2 to 12."),
    ({"every": "", "times": "13"}, "Choose a number from 2 to 12."),
    (
        {"every": "", "times": "8"},
        "With “Once” it is one appointment. Choose every week or every two, or empty “How many in all”.",
    ),
]


@page_and_htmx
@pytest.mark.parametrize(("changes", "sentence"), WRONG)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(desk, provider, changes, sentence, headers):
    form = opened(desk)
    typed = {"client_phone": PHONE, "note": "Crutches", **changes}
    answer = send(desk, form, headers=headers, **typed)
    page = Page(answer)
    assert (answer.status_code, sentence in page.problem, Appointment.objects.count()) == (422, True, 0)
    assert (page.fields["client_name"], page.fields["note"]) == ("Jo Malone", "Crutches")
    assert page.fields["spare"] == form["spare"]


@pytest.mark.parametrize("every", ["", "1"])
def test_what_is_wrong_with_several_in_a_row_is_not_folded_away(desk, provider, every):
    answer = send(desk, opened(desk), client_phone=PHONE, every=every, times="8" if not every else "13")
    assert (answer.status_code, "<details open>" in answer.content.decode()) == (422, True)


@pytest.mark.parametrize("times", ["1", "", "6"])
def test_once_is_one_appointment_be_how_many_in_all_typed_as_one_emptied_or_left_as_it_was(desk, provider, times):
    answer = send(desk, opened(desk), client_phone=PHONE, every="", times=times)
    assert (answer.status_code, Appointment.objects.count()) == (303, 1)


@page_and_htmx
def test_a_time_taken_meanwhile_is_told_with_the_nearest_free_ones(desk, provider, headers):
    form = opened(desk)
    make_appointment(provider=provider, at=dublin(2, "10:00"), client_name="Bo Diddley")
    answer = send(desk, form, client_phone=PHONE, note="Crutches", headers=headers)
    page = Page(answer)
    assert (answer.status_code, page.problem[0]) == (409, "Bo Diddley has that time.")
    assert (page.fields["client_name"], page.fields["note"]) == ("Jo Malone", "Crutches")
    free = [value for name, value in page.buttons if name == "appointment_time"]
    assert free == ["2026-06-02T09:15+01:00", "2026-06-02T09:30+01:00", "2026-06-02T10:30+01:00"]
    send(desk, form, client_phone=PHONE, appointment_time=free[2])
    assert Appointment.objects.filter(appointment_time=dublin(2, "10:30")).count() == 1


@pytest.mark.parametrize("clock", ["08:00", "16:45"])
def test_a_time_outside_hours_is_not_booked_here(desk, provider, clock):
    outside = f"2026-06-02T{clock}+01:00"
    answer = send(desk, opened(desk), client_phone=PHONE, appointment_time=outside)
    assert (answer.status_code, Page(answer).problem[0]) == (
        422,
        "That time is not on offer. Choose one of the free times.",
    )


def test_a_price_that_has_changed_is_told_before_anything_is_booked(desk, provider):
    form = opened(desk)
    provider.services.update(price="80.00")
    answer = send(desk, form, client_phone=PHONE)
    page = Page(answer)
    assert (answer.status_code, Appointment.objects.count()) == (409, 0)
    assert "The price is now €80.00. When you opened this page it was €60.00." in page.problem


# Who may


def test_a_provider_of_whom_one_sees_no_diary_is_not_known(ada, provider, other):
    assert ada.get(address(provider="dr-bo-ode", time=TEN)).status_code == 404
    form = opened(ada)
    answer = send(ada, form, provider="dr-bo-ode", client_phone=PHONE)
    assert (answer.status_code, Appointment.objects.count()) == (404, 0)


def test_a_provider_books_for_a_caller_of_their_own(ada, provider, other):
    send(ada, opened(ada), client_phone=PHONE)
    assert Appointment.objects.get().provider == provider


def test_who_may_not_book_is_refused(provider):
    nobody = logged_in(somebody("", name="nobody"))
    assert [nobody.get(address()).status_code, nobody.post(address()).status_code] == [403, 403]


@pytest.mark.parametrize("appointments", [1, 20])
def test_the_form_costs_the_same_however_busy_the_day(desk, provider, appointments, django_assert_num_queries):
    for number in range(appointments):
        make_appointment(provider=provider, at=dublin(3 + number, "10:00"), email=f"{number}@example.com")
    with django_assert_num_queries(7):
        assert desk.get(address(time=TEN)).status_code == 200


def test_a_pressed_time_that_the_providers_clocks_cannot_show_is_no_time(desk, provider):
    provider.time_zone = "America/New_York"
    provider.save()
    provider.services.add(make_service(name="Check", minutes=15))
    assert desk.get(f"/staff/book/?provider={provider.slug}&time=0001-01-01T00:00Z").status_code == 200
