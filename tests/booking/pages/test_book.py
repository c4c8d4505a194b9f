"""The booking page as HTML: what a browser without JavaScript follows, and the part of it that htmx swaps in."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from html import unescape
from html.parser import HTMLParser
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import pytest
from django.core.signing import Signer
from django.test import Client

from booking.models import Appointment, Provider, Service
from booking.pages.book import COOKIE_MISSING
from tests.booking.conftest import NOW
from tests.factories import make_appointment, make_provider, make_service

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon_in_dublin", "default_rules")]

TEN = "2026-06-02T10:00+01:00"
HTMX = {"HX-Request": "true"}
NUL, BELL = "\x00", "\x07"
MARKUP = "<script>alert('x')</script>\"&"


@pytest.fixture
def provider():
    return make_provider(hours=[("09:00", "17:00")])


def instant(text):
    return datetime.fromisoformat(text).astimezone(UTC)


class Page(HTMLParser):
    """Links, fields, buttons and sentences of a page: what a person can read and press."""

    def __init__(self, response):
        super().__init__()
        self.links, self.fields, self.buttons, self.actions, self.tags = {}, {}, [], [], []
        self.text, self.problem, self.inside = [], [], []
        self.html = response.content.decode()
        self.feed(self.html)

    def handle_starttag(self, tag, attrs):
        facts = dict(attrs)
        self.tags.append(tag)
        if tag not in {"input", "meta", "link", "br"}:
            self.inside.append((tag, facts))
        if tag == "form":
            self.actions.append(facts["action"])
        if tag in {"input", "textarea"}:
            self.fields[facts["name"]] = facts.get("value", "")
        if tag == "button" and not {"disabled", "hidden"} & facts.keys():
            self.buttons.append((facts.get("name"), facts.get("value")))

    def handle_endtag(self, tag):
        if self.inside:
            self.inside.pop()

    def handle_data(self, data):
        words = " ".join(data.split())
        if not self.inside or not words:
            return
        tag, facts = self.inside[-1]
        if tag == "textarea":
            self.fields[facts["name"]] = data.removeprefix("\n")
        self.text.append(words)
        if any(one.get("role") == "alert" for _, one in self.inside):
            self.problem.append(words)
        for kind, one in self.inside:
            if kind == "a":
                self.links[words] = one["href"]

    def heading(self, level):
        return [unescape(found) for found in re.findall(rf"<{level}[^>]*>([^<]*)</{level}>", self.html)]


def address(**query):
    return f"/?{urlencode(query)}"


def chosen(**query):
    return address(provider="dr-ada-byrne", service="consultation", **query)


def form(**facts):
    known = {
        "provider": "dr-ada-byrne",
        "service": "consultation",
        "appointment_time": TEN,
        "client_email": "jo@example.com",
        "client_name": "Jo Malone",
        "note": "The stairs are hard for me.",
    }
    return {name: value for name, value in {**known, **facts}.items() if value is not None}


# The walk, by links alone


def test_the_page_is_walked_by_its_links_from_nothing_to_a_hold(client, provider):
    start = Page(client.get("/"))
    assert start.heading("h2") == ["Who and what?"]
    when = Page(client.get(start.links["Consultation"]))
    assert when.heading("h2") == ["When?"]
    assert when.links["Mon 1 Jun, 13:00"] == chosen(time="2026-06-01T13:00+01:00")
    day = Page(client.get(when.links["3"]))
    assert "Wednesday 3 June 2026" in day.heading("h3")
    details = Page(client.get(day.links["10:15"]))
    assert details.heading("h2") == ["Your details"]
    assert details.fields["appointment_time"] == "2026-06-03T10:15+01:00"
    [action] = details.actions
    typed = {**details.fields, "client_email": "jo@example.com"}
    answer = client.post(unescape(action), typed)
    held = Appointment.objects.get()
    assert (answer.status_code, answer["Location"]) == (303, f"/payments/{held.reference}/")
    assert (held.status, held.appointment_time) == ("held", instant("2026-06-03T10:15+01:00"))


def test_each_choice_can_be_changed_by_a_link(client, provider):
    details = Page(client.get(chosen(time=TEN)))
    changes = re.findall(r'<a href="([^"]*)" aria-label="Change (\w+)">', details.html)
    assert {what: unescape(where) for where, what in changes} == {
        "provider": "/",
        "service": "/?provider=dr-ada-byrne",
        "time": chosen(date="2026-06-02"),
    }
    assert [client.get(unescape(where)).status_code for where, _ in changes] == [200, 200, 200]


def test_months_are_turned_as_far_as_the_horizon_and_no_further(client, provider):
    june = Page(client.get(chosen()))
    assert june.links["›"] == chosen(date="2026-07")
    assert "‹" not in june.links
    july = Page(client.get(june.links["›"]))
    assert july.links["‹"] == chosen(date="2026-06")
    assert "›" not in july.links
    assert "Wednesday 1 July 2026" in july.heading("h3")
    assert "31" in july.links


def test_every_link_of_every_step_leads_to_a_page(client, provider):
    for step in (address(), address(provider="dr-ada-byrne"), chosen(), chosen(date="2026-06-04"), chosen(time=TEN)):
        links = [link for link in Page(client.get(step)).links.values() if link.startswith("/?")]
        assert [client.get(link).status_code for link in links] == [200] * len(links)


def test_a_day_lists_its_free_times_and_not_the_taken_one(client, provider):
    make_appointment(provider=provider, at=instant(TEN))
    page = Page(client.get(chosen(date="2026-06-02")))
    times = [words for words in page.links if re.fullmatch(r"\d\d:\d\d", words)]
    assert times[:4] == ["09:00", "09:15", "09:30", "10:30"]


def test_times_are_on_the_providers_clock_and_their_links_work_east_and_west(client):
    make_provider(zone="America/New_York", hours=[("09:00", "09:30")])
    make_provider(name="Bo Lund", zone="Asia/Kolkata", services=[make_service(name="Yoga")], hours=[("09:00", "09:30")])
    for query, time in (
        ({"provider": "dr-ada-byrne", "service": "consultation"}, "2026-06-02T09:00-04:00"),
        ({"provider": "bo-lund", "service": "yoga"}, "2026-06-02T09:00+05:30"),
    ):
        page = Page(client.get(address(**query, date="2026-06-02")))
        assert page.links["09:00"] == address(**query, time=time)
        assert Page(client.get(page.links["09:00"])).fields["appointment_time"] == time


def test_an_address_that_lost_its_plus_sign_to_a_space_is_read_as_meant(client, provider):
    page = Page(client.get(f"{chosen()}&time={TEN}"))
    assert page.fields["appointment_time"] == TEN


def test_what_cannot_be_booked_is_not_shown(client):
    service, gone = make_service(), make_service(name="Gone", active=False)
    make_provider(name="Ann Able", services=[service, gone])
    make_provider(name="Bo Away", services=[service], active=False)
    make_provider(name="Cy Empty", services=[gone])
    assert Page(client.get("/")).heading("h3") == ["Ann Able"]
    assert "Gone" not in client.get("/").content.decode()


def test_a_practice_with_nobody_says_so(client):
    page = Page(client.get("/"))
    assert "Nobody can be booked online yet. Please call the practice." in page.text


def test_a_provider_without_free_times_says_so(client, provider):
    provider.working_hours.all().delete()
    response = client.get(chosen())
    assert response.status_code == 200
    assert any("no free times in the next weeks" in words for words in Page(response).text)


# One address, two bodies


STEPS = [
    pytest.param(address(), id="offer"),
    pytest.param(chosen(), id="when"),
    pytest.param(chosen(time=TEN), id="details"),
    pytest.param(address(provider="nobody"), id="refused"),
]


@pytest.mark.parametrize("step", STEPS)
def test_a_page_is_whole_and_its_partial_is_what_goes_into_main(client, provider, step):
    whole, part = client.get(step), client.get(step, headers=HTMX)
    assert whole.status_code == part.status_code
    assert [tag for tag in ("html", "head", "body", "main") if tag in Page(whole).tags] == [
        "html",
        "head",
        "body",
        "main",
    ]
    assert [tag for tag in ("html", "head", "body", "main") if tag in Page(part).tags] == []
    assert Page(part).heading("title") == Page(whole).heading("title")
    assert Page(part).heading("h2") == Page(whole).heading("h2")
    assert Page(part).links.items() <= Page(whole).links.items()


@pytest.mark.parametrize("step", STEPS)
def test_both_bodies_say_that_they_vary(client, provider, step):
    for response in (client.get(step), client.get(step, headers=HTMX)):
        assert {"HX-Request", "Cookie"} - set(response["Vary"].split(", ")) == set()


def test_only_a_refusal_keeps_its_address_out_of_the_history(client, provider):
    assert client.get(address(provider="nobody"), headers=HTMX)["HX-Push-Url"] == "false"
    assert client.post("/", form(client_email="jo"), headers=HTMX)["HX-Push-Url"] == "false"
    assert client.get(chosen(), headers=HTMX).has_header("HX-Push-Url") is False
    assert client.get(address(provider="nobody")).has_header("HX-Push-Url") is False


def test_a_booking_over_htmx_is_a_plain_redirect_to_follow(client, provider):
    response = client.post("/", form(), headers=HTMX)
    assert response.status_code == 303
    assert client.get(response["Location"], headers=HTMX).status_code == 200


# What an address may say


@pytest.mark.parametrize(
    "query",
    [
        {"provider": "nobody"},
        {"provider": "nobody", "service": "consultation"},
        {"provider": "dr-ada-byrne", "service": "nothing"},
        {"provider": "dr-ada-byrne", "service": "somebody-elses"},
        {"provider": "dr-ada-byrne", "service": "retired"},
        {"provider": "away", "service": "consultation"},
        {"provider": "away"},
        {"provider": NUL},
        {"provider": f"dr-ada-byrne{NUL}"},
        {"provider": BELL, "service": BELL},
        {"provider": "x" * 3000, "service": "x" * 3000},
        {"provider": "' OR 1=1 --", "service": "consultation"},
    ],
    ids=str,
)
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
def test_who_or_what_we_do_not_know_is_404_with_the_list(client, query, headers):
    service = make_service()
    make_provider(services=[service, make_service(name="Retired", active=False)])
    make_provider(name="Away", services=[service], active=False)
    make_provider(name="Bo Lund", services=[make_service(name="Somebody elses")])
    response = client.get(address(**query), headers=headers)
    page = Page(response)
    assert response.status_code == 404
    assert page.problem == ["We do not know this provider or service. Choose from the list."]
    assert page.heading("h3") == ["Bo Lund", "Dr Ada Byrne"]


def test_invalid_utf8_in_an_address_is_404(client, provider):
    assert client.get("/?provider=%FF%FE&service=%C3").status_code == 404


NO_DAY = "There is no such day. Choose one from the calendar."
NOT_HERE = "That day cannot be booked here. Choose one from the calendar."


@pytest.mark.parametrize(
    ("date", "sentence"),
    [
        ("rubbish", NO_DAY),
        ("2026-02-30", NO_DAY),
        ("2026-13", NO_DAY),
        ("2026-00", NO_DAY),
        ("2026-6-2", NO_DAY),
        ("02/06/2026", NO_DAY),
        (NUL, NO_DAY),
        (f"2026-06-02{NUL}", NO_DAY),
        ("x" * 3000, NO_DAY),
        ("\u0662\u0660\u0662\u0666-06-02", NO_DAY),
        (MARKUP, NO_DAY),
        ("2026-05-31", NOT_HERE),
        ("2026-05", NOT_HERE),
        ("2026-08-01", NOT_HERE),
        ("2026-08", NOT_HERE),
        ("0001-01-01", NOT_HERE),
        ("0001-01", NOT_HERE),
        ("9999-12-31", NOT_HERE),
        ("9999-12", NOT_HERE),
    ],
)
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
def test_a_day_that_cannot_be_is_422_with_the_calendar(client, provider, date, sentence, headers):
    response = client.get(chosen(date=date), headers=headers)
    page = Page(response)
    assert response.status_code == 422
    assert page.problem == [sentence]
    assert page.heading("h2") == ["When?"]
    assert page.links["Mon 1 Jun, 13:00"] == chosen(time="2026-06-01T13:00+01:00")


def test_an_invalid_byte_for_a_day_is_422(client, provider):
    assert client.get(f"{chosen()}&date=%FF").status_code == 422


FORMAT = "We could not read that time. Choose one from the calendar."
NOT_ON_OFFER = "That time is not on offer. Choose one of the free times."
WRONG_TIMES = [
    ("rubbish", FORMAT),
    ("2026-06-02T10:00", FORMAT),
    ("2026-06-02", FORMAT),
    ("10:00", FORMAT),
    (NUL, FORMAT),
    (BELL, FORMAT),
    (f"{TEN}{NUL}", FORMAT),
    ("x" * 3000, FORMAT),
    ("0001-01-01T00:00+14:00", FORMAT),
    ("9999-12-31T23:59-14:00", FORMAT),
    (MARKUP, FORMAT),
    ("0001-01-01T00:00+00:00", "That time is in the past. Choose a later one."),
    ("2026-06-01T11:45+01:00", "That time is in the past. Choose a later one."),
    ("2026-06-01T12:45+01:00", "That time is too soon to book here. Choose a later one, or call the practice."),
    ("2026-08-03T10:00+01:00", "Times can be booked up to 60 days ahead. Choose an earlier one."),
    ("9999-12-31T00:00+00:00", "Times can be booked up to 60 days ahead. Choose an earlier one."),
    ("2026-06-02T10:05+01:00", NOT_ON_OFFER),
    ("2026-06-02T10:00:00.000001+01:00", NOT_ON_OFFER),
    ("2026-06-02T16:45+01:00", NOT_ON_OFFER),
    ("2026-06-02T03:00+01:00", NOT_ON_OFFER),
]


@pytest.mark.parametrize(("time", "sentence"), WRONG_TIMES)
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
def test_a_time_that_cannot_be_is_422_with_the_nearest_free_ones(client, provider, time, sentence, headers):
    response = client.get(chosen(time=time), headers=headers)
    page = Page(response)
    assert response.status_code == 422
    assert page.problem[0] == sentence
    alternatives = re.findall(r'<li><a href="([^"]*time=[^"]*)">\w{3} \d+ \w{3}, ', page.html)
    assert len(alternatives) == 3
    assert [client.get(unescape(link)).status_code for link in alternatives] == [200, 200, 200]


def test_a_taken_time_in_an_address_is_409_with_the_nearest_free_ones(client, provider):
    make_appointment(provider=provider, at=instant(TEN))
    page = Page(response := client.get(chosen(time=TEN)))
    assert response.status_code == 409
    assert page.problem[0] == "That time was taken a moment ago."
    assert [words for words in page.problem if words.startswith("Tue")] == [
        "Tue 2 Jun, 09:15",
        "Tue 2 Jun, 09:30",
        "Tue 2 Jun, 10:30",
    ]


def test_a_time_that_is_not_on_offer_opens_its_day(client, provider):
    page = client.get(chosen(time="2026-06-10T03:07+01:00")).content.decode()
    assert re.findall(r"<h3[^>]*>(\w+day [^<]*)</h3>", page) == ["Wednesday 10 June 2026"]


def test_back_after_booking_does_not_say_that_somebody_else_took_the_time(client, provider):
    client.post("/", form())
    mine = Appointment.objects.get()
    mine.confirm()
    page = Page(response := client.get(chosen(time=TEN)))
    assert (response.status_code, page.problem, page.heading("h2")) == (200, [], ["When?"])
    assert "You have this time already: Tuesday 2 June 2026, 10:00 with Dr Ada Byrne." in page.text
    assert page.links["Look at your appointment"] == f"/appointments/{mine.reference}/"
    stranger = Page(Client().get(chosen(time=TEN)))
    assert stranger.problem[0] == "That time was taken a moment ago."


@pytest.mark.parametrize(("email", "status"), [("jo.malone@example.com", 409), ("jo", 422)])
def test_pressed_again_with_other_details_after_it_was_booked_nothing_is_called_wrong(client, provider, email, status):
    client.post("/", form())
    mine = Appointment.objects.get()
    mine.confirm()
    page = Page(answer := client.post("/", form(client_email=email)))
    assert (answer.status_code, page.problem) == (status, [])
    assert page.links["Look at your appointment"] == f"/appointments/{mine.reference}/"
    assert Appointment.objects.count() == 1


def test_where_it_is_and_whom_to_call_is_said(client, provider, settings):
    settings.PRACTICE_PHONE = "+353 (1) 555 0100"
    Provider.objects.update(place="12 Linden Road, Dublin 6")
    offer, kept = client.get("/").content.decode(), client.get(client.post("/", form())["Location"]).content.decode()
    assert ["12 Linden Road, Dublin 6" in page for page in (offer, kept)] == [True, True]
    assert '<a href="tel:+35315550100">+353 (1) 555 0100</a>' in offer


# What cancelling returns


SOON = "This time is so soon that nothing comes back if you cancel."
NEVER = "This practice returns nothing when a paid appointment is cancelled."


@pytest.mark.parametrize(
    ("policy", "time", "told"),
    [
        (
            "48h 100%, 24h 50%",
            "2026-06-05T10:00+01:00",
            [
                "If you cancel: €60.00 comes back until Wednesday 3 June 2026, 10:00",
                "Until Wednesday 3 June 2026, 10:00",
                "Until Thursday 4 June 2026, 10:00",
            ],
        ),
        (
            "48h 100%, 24h 50%",
            "2026-06-03T10:00+01:00",
            [
                "If you cancel: €30.00 comes back until Tuesday 2 June 2026, 10:00",
                "Until Tuesday 2 June 2026, 10:00",
            ],
        ),
        ("48h 100%, 24h 50%", TEN, [SOON]),
        ("", "2026-06-05T10:00+01:00", [NEVER]),
    ],
)
@pytest.mark.usefixtures("provider")
def test_the_details_say_what_cancelling_returns_and_why_if_nothing(client, settings, policy, time, told):
    settings.CANCELLATION_POLICY = policy
    words = Page(client.get(chosen(time=time))).text
    assert [one for one in words if one.startswith(("If you cancel", "Until ", SOON, NEVER))] == told


def test_the_dates_until_which_something_comes_back_are_on_the_clients_clock(client, provider, settings):
    settings.CANCELLATION_POLICY = "48h 100%"
    page = Page(client.get(chosen(time="2026-06-05T10:00+01:00", zone="Asia/Tokyo")))
    assert "If you cancel: €60.00 comes back until Wednesday 3 June 2026, 18:00" in page.text
    assert "Times are Tokyo time." in page.text


def test_nothing_is_said_of_cancelling_what_is_free(client):
    make_provider(services=[make_service(price="0.00")])
    assert "comes back" not in " ".join(Page(client.get(chosen(time=TEN))).text)


def test_where_a_time_has_gone_the_others_say_what_cancelling_returns_too(client, provider, settings):
    settings.CANCELLATION_POLICY = "48h 100%, 24h 50%"
    make_appointment(provider=provider, at=instant(TEN))
    words = "all of it until 48 hours before, 50 % until 24 hours before, and nothing after that"
    assert f"What comes back if you cancel: {words}." in Page(client.post("/", form())).text


def test_what_is_too_long_is_said_and_not_cut(client, provider):
    """A browser cuts what is pasted where a field has a `maxlength`: the end of a note is lost, and nobody is told."""
    page = client.get(chosen(time=TEN)).content.decode()
    assert ("maxlength" in page, "in up to 1,000 characters" in page) == (False, True)


def test_back_to_the_form_while_a_time_is_kept_says_so(client, provider):
    client.post("/", form())
    page = client.get(chosen(time=TEN)).content.decode()
    assert "You are keeping Tuesday 2 June 2026, 10:00" in " ".join(page.split())


AT_SIXTY = "with Dr Ada Byrne for €60.00. It is not paid yet: we keep it for you until 12:15."


def test_at_the_very_time_that_is_kept_it_is_paid_and_not_held_again(client, provider):
    onward = client.post("/", form())["Location"]
    page = Page(answer := client.get(chosen(time=TEN)))
    assert (answer.status_code, page.heading("h2")) == (200, ["You are keeping this time"])
    assert (page.links["Go on to pay"], "Hold this time" in page.text) == (onward, False)
    assert f"You are keeping Tuesday 2 June 2026, 10:00 {AT_SIXTY}" in page.text
    assert "Hold this time" in Page(client.get(chosen(time="2026-06-02T11:00+01:00"))).text


def test_the_details_of_a_time_that_is_kept_can_be_corrected(client, provider):
    client.post("/", form())
    page = Page(client.get(chosen(time=TEN)))
    assert {name: page.fields[name] for name in ("client_email", "client_name", "note")} == {
        name: form()[name] for name in ("client_email", "client_name", "note")
    }
    again = Page(answer := client.post("/", {**page.fields, "client_email": "jo"}))
    assert (answer.status_code, again.heading("h2"), "Save these details" in again.text) == (
        422,
        ["You are keeping this time"],
        True,
    )
    assert re.findall(r"<details[^>]*>", again.html) == ["<details open>"]
    saved = client.post("/", {**again.fields, "client_email": "jo.malone@example.com"})
    live = Appointment.objects.filter(status="held")
    assert [held.client_email for held in live] == ["jo.malone@example.com"]
    assert saved["Location"] == f"/payments/{live.get().reference}/"


def test_a_time_that_is_kept_at_an_old_price_stays_at_that(client, provider):
    sent = {**Page(client.get(chosen(time=TEN))).fields, **form()}
    onward = client.post("/", form())["Location"]
    Service.objects.update(price=Decimal("80.00"))
    for answer in (client.get(chosen(time=TEN)), client.post("/", sent)):
        page = Page(answer)
        words = " ".join(page.text)
        assert "for €60.00. It is not paid yet" in words
        assert "What is offered has changed since you booked it; yours stays as it was." in words
        assert (page.links["Go on to pay"], "Save these details" in page.text) == (onward, False)
    assert [(held.status, held.price) for held in Appointment.objects.all()] == [("held", Decimal("60.00"))]


def test_a_time_whose_payment_is_on_its_way_is_not_begun_anew(client, provider):
    client.post("/", form())
    Appointment.objects.update(hold_expires_at=None)
    page = Page(client.get(chosen(time=TEN)))
    assert "A payment for it is on its way." in " ".join(page.text)
    assert [words for words in ("Go on to pay", "Change your details", "Hold this time") if words in page.text] == []


def test_another_service_at_that_time_may_take_its_place(client, provider):
    provider.services.add(make_service(name="Long talk", minutes=60))
    client.post("/", form())
    page = Page(client.get(address(provider="dr-ada-byrne", service="long-talk", time=TEN)))
    assert (page.heading("h2"), "Hold this time" in page.text) == (["Your details"], True)
    assert "Pay or give it back" in page.links


def test_other_times_that_are_kept_are_only_mentioned_beside_it(client, provider):
    client.post("/", form())
    client.post("/", form(appointment_time="2026-06-03T10:00+01:00"))
    page = Page(client.get(chosen(time=TEN)))
    assert [words for words in page.text if words.startswith("You are keeping ")] == [
        "You are keeping this time · Linden House Practice",
        "You are keeping this time",
        f"You are keeping Tuesday 2 June 2026, 10:00 {AT_SIXTY}",
        "You are keeping Wednesday 3 June 2026, 10:00 with Dr Ada Byrne, not paid yet.",
    ]


@pytest.mark.parametrize("kept", [1, 3])
def test_the_details_cost_one_question_more_where_times_are_kept(client, provider, kept, django_assert_num_queries):
    for day in range(2, 2 + kept):
        client.post("/", form(appointment_time=f"2026-06-0{day}T10:00+01:00"))
    with django_assert_num_queries(5):
        client.get(chosen(time=TEN))


# What the form may say


def assert_refused(response, status):
    assert response.status_code == status
    assert Appointment.objects.count() == 0
    assert "holds" not in response.cookies


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"client_email": None}, "Enter an email address, like name@example.com."),
        ({"client_email": ""}, "Enter an email address, like name@example.com."),
        ({"client_email": "jo"}, "Enter an email address, like name@example.com."),
        ({"client_email": "jo@"}, "Enter an email address, like name@example.com."),
        ({"client_email": "jo@example.com, sam@example.com"}, "Enter an email address, like name@example.com."),
        ({"client_email": "jo@example.com\nBcc: sam@example.com"}, "Enter an email address, like name@example.com."),
        ({"client_email": f"jo{BELL}@example.com"}, "Enter an email address, like name@example.com."),
        ({"client_email": "=?utf-8?q?a?=@example.com"}, "Enter an email address, like name@example.com."),
        ({"client_email": '"jo"@example.com'}, "Enter an email address, like name@example.com."),
        ({"client_email": "jo@localhost"}, "Enter an email address, like name@example.com."),
        ({"client_email": "jo@[127.0.0.1]"}, "Enter an email address, like name@example.com."),
        ({"client_email": MARKUP}, "Enter an email address, like name@example.com."),
        ({"client_email": f"{'j' * 300}@example.com"}, "Enter an email address of at most 254 characters."),
        ({"client_name": "x" * 101}, "Enter a name of at most 100 characters."),
        ({"client_name": "x" * 10_000}, "Enter a name of at most 100 characters."),
        ({"client_name": "Jo \u202egnp.exe"}, "Remove the line breaks and control characters, and try again."),
        ({"client_name": f"Jo{BELL}"}, "Remove the line breaks and control characters, and try again."),
        (
            {"client_name": "Jo\r\nBcc: sam@example.com"},
            "Remove the line breaks and control characters, and try again.",
        ),
        ({"client_name": "Jo\x85Malone"}, "Remove the line breaks and control characters, and try again."),
        ({"note": "x" * 1001}, "Shorten the note to 1,000 characters or fewer."),
        ({"note": "x" * 3000}, "Shorten the note to 1,000 characters or fewer."),
        ({"note": f"Stairs{BELL}"}, "Remove the control characters, and try again."),
        ({"note": "Stairs\x1b[31m"}, "Remove the control characters, and try again."),
    ],
)
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
def test_a_field_filled_in_wrongly_is_422_and_the_form_again(client, provider, wrong, sentence, headers):
    typed = form(**wrong)
    response = client.post("/", typed, headers=headers)
    assert_refused(response, 422)
    page = Page(response)
    assert page.problem == ["There is a problem", sentence]
    shown = {name: page.fields[name].replace("\r\n", "\n") for name in form()}
    assert shown == {name: typed.get(name, "").replace("\r\n", "\n") for name in form()}


@pytest.mark.parametrize("field", ["client_email", "client_name", "note"])
def test_a_null_character_in_a_field_is_422_and_a_sentence(client, provider, field):
    response = client.post("/", form(**{field: f"{form()[field]}{NUL}"}))
    assert_refused(response, 422)
    assert Page(response).problem[0] == "There is a problem"
    assert len(Page(response).problem) >= 2


def test_what_is_wrong_is_said_first_in_the_form_and_leads_to_the_field(client, provider):
    page = client.post("/", form(client_email="jo", client_name="x" * 101), headers=HTMX).content.decode()
    alert = '<div class="problem" role="alert" tabindex="-1" autofocus>'
    assert page.count("autofocus") == 1
    assert page.index("<form") < page.index(alert) < page.index('name="client_email"')
    assert re.findall(r'href="#(\w+)"', page) == ["id_client_email", "id_client_name"]
    assert len(re.findall(r'aria-invalid="true"', page)) == 2


@pytest.mark.parametrize(("time", "sentence"), [*WRONG_TIMES, (None, "Choose a time."), ("", "Choose a time.")])
def test_a_time_posted_wrongly_is_422_and_nothing_typed_is_lost(client, provider, time, sentence):
    response = client.post("/", form(appointment_time=time))
    assert_refused(response, 422)
    page = Page(response)
    assert page.problem[:1] == [sentence]
    kept = ("provider", "service", "client_email", "client_name", "note")
    assert {name: page.fields[name] for name in kept} == {name: form()[name] for name in kept}


@pytest.mark.parametrize(
    "wrong",
    [
        {"provider": "nobody"},
        {"provider": "away"},
        {"provider": NUL},
        {"provider": "x" * 3000},
        {"provider": None},
        {"service": "nothing"},
        {"service": "somebody-elses"},
        {"service": "retired"},
        {"service": NUL},
        {"service": "x" * 3000},
    ],
    ids=str,
)
def test_a_provider_or_service_posted_wrongly_is_422_with_the_list(client, wrong):
    service = make_service()
    make_provider(services=[service, make_service(name="Retired", active=False)])
    make_provider(name="Away", services=[service], active=False)
    make_provider(name="Bo Lund", services=[make_service(name="Somebody elses")])
    response = client.post("/", form(**wrong))
    assert_refused(response, 422)
    assert Page(response).problem == ["We do not know this provider or service. Choose from the list."]


@pytest.mark.parametrize(
    ("missing", "sentence"),
    [({"provider": None, "service": None}, "Choose a provider."), ({"service": None}, "Choose a service.")],
)
def test_a_choice_that_was_not_posted_is_asked_for(client, provider, missing, sentence):
    response = client.post("/", form(**missing))
    assert_refused(response, 422)
    assert Page(response).problem == [sentence]


def test_invalid_utf8_in_the_form_is_read_without_failing(client, provider):
    body = urlencode(form(client_name="")).encode() + b"&client_name=%FF%FEJo"
    response = client.post("/", body, content_type="application/x-www-form-urlencoded")
    assert response.status_code == 303
    assert Appointment.objects.get().client_name == "\ufffd\ufffdJo"


def test_the_longest_that_may_be_typed_is_taken(client, provider):
    longest = {"client_name": "Ż" * 100, "note": "ż\n" * 499 + "żż"}
    assert client.post("/", form(**longest)).status_code == 303
    assert Appointment.objects.get().client_name == "Ż" * 100


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
def test_a_time_that_went_is_409_with_three_buttons_and_everything_typed(client, provider, headers):
    make_appointment(provider=provider, at=instant(TEN))
    response = client.post("/", form(), headers=headers)
    assert response.status_code == 409
    assert Appointment.objects.count() == 1
    page = Page(response)
    assert page.problem[0] == "That time was taken a moment ago."
    assert page.buttons == [
        ("appointment_time", "2026-06-02T09:15+01:00"),
        ("appointment_time", "2026-06-02T09:30+01:00"),
        ("appointment_time", "2026-06-02T10:30+01:00"),
    ]
    typed = form(appointment_time=None)
    assert {name: page.fields[name] for name in typed} == typed
    pressed = {**page.fields, "appointment_time": page.buttons[2][1]}
    assert client.post("/", pressed).status_code == 303
    booked = Appointment.objects.get(client_name="Jo Malone")
    assert booked.appointment_time == instant("2026-06-02T10:30+01:00")


def test_a_time_that_went_on_a_full_diary_is_409_with_a_sentence(client, settings):
    settings.HORIZON_DAYS = 1
    provider = make_provider(hours=[("10:00", "10:30")])
    make_appointment(provider=provider, at=instant(TEN))
    page = Page(response := client.post("/", form()))
    assert response.status_code == 409
    assert page.problem[0] == "That time was taken a moment ago."
    assert page.buttons == []


def test_a_fourth_unpaid_time_is_409_with_the_form_to_press_again(client, provider):
    for day in (2, 3, 4):
        assert client.post("/", form(appointment_time=f"2026-06-0{day}T10:00+01:00")).status_code == 303
    response = client.post("/", form(appointment_time="2026-06-05T10:00+01:00"))
    page = Page(response)
    assert response.status_code == 409
    assert page.problem == ["You keep 3 unpaid times already. Pay for one or give one back first."]
    assert page.links["Pay or give it back"].startswith("/payments/") is True
    assert (page.fields["appointment_time"], page.fields["note"]) == ("2026-06-05T10:00+01:00", form()["note"])
    assert Appointment.objects.count() == 3


# Where it leads


def test_a_priced_booking_leads_to_its_payment_page(client, provider):
    response = client.post("/", form())
    held = Appointment.objects.get()
    assert (response.status_code, response["Location"]) == (303, f"/payments/{held.reference}/")
    assert (held.client_email, held.client_name, held.note, held.status) == (
        "jo@example.com",
        "Jo Malone",
        "The stairs are hard for me.",
        "held",
    )


def test_a_free_booking_leads_to_its_own_page(client):
    make_provider(services=[make_service(price="0.00")])
    details = Page(client.get(chosen(time=TEN)))
    assert "Confirm appointment" in details.text
    response = client.post("/", form())
    booked = Appointment.objects.get()
    assert (response.status_code, response["Location"]) == (303, f"/appointments/{booked.reference}/")
    assert booked.status == "confirmed"
    assert "Appointment confirmed" in client.get(response["Location"]).content.decode()


def test_the_labels_are_those_that_people_are_told(client, provider):
    page = Page(client.get(chosen(time=TEN)))
    labels = re.findall(r"<label[^>]*>([^<]*)</label>", page.html)
    assert labels == ["Email address", "Your name", "Note"]
    assert "Hold this time" in page.text


def test_what_was_typed_never_enters_an_address(client, provider):
    responses = [client.post("/", form(client_email="jo")), client.post("/", form()), client.get("/")]
    make_appointment(provider=provider, at=instant("2026-06-03T10:00+01:00"))
    responses.append(client.post("/", form(appointment_time="2026-06-03T10:00+01:00")))
    responses.append(client.get(responses[1]["Location"]))
    secrets = ["jo@", "jo%40", "Malone", "stairs"]
    addresses = [response.get("Location", "") for response in responses]
    for response in responses:
        addresses += re.findall(r'(?:href|action|hx-\w+|src)="([^"]*)"', response.content.decode())
    assert [one for one in addresses if any(secret in one for secret in secrets)] == []


def test_markup_is_shown_as_it_was_typed(client):
    service = make_service(name="Tea & <b>talk</b>")
    make_provider(name="Dr <i>Ada</i>", services=[service])
    typed = {
        "provider": "dr-iadai",
        "service": "tea-btalkb",
        "appointment_time": TEN,
        "client_email": "jo@example.com",
        "client_name": MARKUP,
        "note": MARKUP,
    }
    pages = [client.get("/"), client.get(address(provider="dr-iadai", service="tea-btalkb", time=TEN))]
    pages.append(client.post("/", {**typed, "client_email": MARKUP}))
    assert Page(pages[2]).fields["client_email"] == Page(pages[2]).fields["note"] == MARKUP
    held = client.post("/", typed)
    reference = Appointment.objects.get().reference
    pages += [client.get(held["Location"]), client.get(f"/appointments/{reference}/")]
    assert [page.status_code for page in pages] == [200, 200, 422, 200, 200]
    for page in pages:
        body = page.content.decode()
        assert [raw for raw in ("<script>alert", "<i>Ada", "<b>talk") if raw in body] == []


@pytest.mark.parametrize("name", ["נועה לוי", "نور الدين 👩‍⚕️", "Łukasz 👨‍👩‍👧 O’Brien", "山田 太郎"])
def test_a_name_in_any_script_is_shown_as_it_was_typed_and_turns_nothing_beside_it(client, provider, name):
    held = client.post("/", form(client_name=name))
    assert (held.status_code, Appointment.objects.get().client_name) == (303, name)
    assert f"<bdi>{name}</bdi>" in client.get(held["Location"]).content.decode()


def test_no_page_tells_whether_an_address_has_appointments(client, provider):
    """Known or not, in the same place they are told the same."""
    make_appointment(provider=provider, at=instant(TEN), status="confirmed", email="ann@example.com")
    told = []
    for email, free in (("ann@example.com", "2026-06-02T12:00+01:00"), ("bob@example.com", "2026-06-02T14:00+01:00")):
        for typed in (form(client_email=email), form(client_email=email, appointment_time=free)):
            answer = Client().post("/", typed)
            said = re.sub(r'value="[^"]*"', "", answer.content.decode())
            told.append((answer.status_code, said.replace(email, "")))
    assert told[:2] == told[2:]


def test_a_refused_address_is_not_echoed_as_markup(client, provider):
    for query in ({"provider": MARKUP}, {"provider": "dr-ada-byrne", "service": MARKUP}):
        assert "<script>alert" not in client.get(address(**query)).content.decode()


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_other_methods_are_405(client, provider, method):
    response = getattr(client, method)("/")
    assert (response.status_code, response["Allow"]) == (405, "GET, HEAD, POST")


def test_a_head_request_answers_like_a_get_without_a_body(client, provider):
    response = client.head(chosen(time=TEN))
    assert (response.status_code, response.content) == (200, b"")


# How many questions


def busy(provider, count):
    """So many appointments of five minutes back to back, on Tuesday from nine."""
    service = make_service(name="Five minutes", minutes=5)
    rows = [
        Appointment.copied_from(provider, service, instant("2026-06-02T09:00+01:00") + timedelta(minutes=5 * place))
        for place in range(count)
    ]
    insert(rows)


def crowd(count):
    """So many appointments of other providers on the same day."""
    service = make_service(name="Elsewhere", minutes=5)
    others = [make_provider(name=f"Other {number}", services=[service]) for number in range(5)]
    begins = instant("2026-06-02T09:00+01:00")
    insert(
        Appointment.copied_from(others[place % 5], service, begins + timedelta(minutes=5 * (place // 5)))
        for place in range(count)
    )


def insert(rows):
    for place, row in enumerate(rows):
        row.status, row.created_at, row.confirmed_at, row.client_email = "confirmed", NOW, NOW, f"{place}@example.com"
        row.save(force_insert=True)


@pytest.mark.parametrize("appointments", [1, 80])
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
def test_a_day_costs_four_questions_however_busy_it_is(
    client, provider, appointments, headers, django_assert_num_queries
):
    busy(provider, appointments)
    crowd(500)
    with django_assert_num_queries(4):
        page = Page(client.get(chosen(date="2026-06-02"), headers=headers))
    first = {1: "09:15", 80: "15:45"}[appointments]
    assert next(words for words in page.links if re.fullmatch(r"\d\d:\d\d", words)) == first


@pytest.mark.parametrize("providers", [1, 20])
def test_the_start_page_costs_two_questions_however_many_providers(client, providers, django_assert_num_queries):
    service = make_service()
    for number in range(providers):
        make_provider(name=f"Provider {number}", services=[service])
    with django_assert_num_queries(2):
        assert client.get("/").status_code == 200


@pytest.mark.parametrize("appointments", [1, 80])
def test_the_details_cost_four_questions_however_busy_the_day(
    client, provider, appointments, django_assert_num_queries
):
    busy(provider, appointments)
    with django_assert_num_queries(4):
        assert client.get(chosen(time="2026-06-02T16:30+01:00")).status_code == 200


# Which browser holds what


def test_the_cookie_of_holds_is_out_of_reach_of_scripts_and_other_sites(client, provider):
    response = client.post("/", form())
    cookie = response.cookies["holds"]
    assert (cookie["httponly"], cookie["samesite"], bool(cookie["secure"])) == (True, "Lax", False)
    assert "jo@example.com" not in cookie.value


def test_over_https_the_cookie_is_never_sent_in_the_clear(client, provider, settings):
    settings.HTTPS = True
    assert client.post("/", form()).cookies["holds"]["secure"] is True


def test_the_same_browser_posting_again_returns_to_its_hold(client, provider):
    first, again = client.post("/", form()), client.post("/", form())
    assert (again.status_code, again["Location"]) == (303, first["Location"])
    assert Appointment.objects.count() == 1


def test_another_browser_is_refused_though_it_names_the_same_address(client, provider):
    client.post("/", form())
    assert Client().post("/", form()).status_code == 409
    assert Appointment.objects.count() == 1


def test_pressing_twice_before_the_first_answer_came_is_one_hold(client, provider):
    client.get(chosen(time=TEN))
    second = Client()
    second.cookies["holds"] = client.cookies["holds"].value
    first, again = client.post("/", form()), second.post("/", form())
    assert (first.status_code, again.status_code) == (303, 303)
    assert first["Location"] == again["Location"]


def test_a_hold_of_ones_own_is_on_offer_still_and_leads_back_to_paying(client, provider):
    place = client.post("/", form())["Location"]
    assert client.get(chosen(time=TEN)).status_code == 200
    assert Client().get(chosen(time=TEN)).status_code == 409
    assert Page(client.get("/")).links["Pay or give it back"] == place
    assert "Pay or give it back" not in Page(Client().get("/")).links


@pytest.mark.parametrize(
    "forge",
    [
        pytest.param(lambda reference: reference, id="unsigned"),
        pytest.param(lambda reference: f"{reference}:{'A' * 43}", id="badly signed"),
        pytest.param(lambda reference: Signer(key="guessed", salt="holds").sign(reference), id="signed with a guess"),
        pytest.param(lambda reference: Signer(salt="other").sign(reference), id="signed for something else"),
        pytest.param(lambda reference: ":" * 500, id="rubbish"),
        pytest.param(lambda reference: quote("\ud7ff\x01"), id="unprintable"),
    ],
)
def test_a_forged_cookie_of_holds_is_ignored(provider, forge):
    held = make_appointment(provider=provider, at=instant(TEN), client_name="Jo Malone", note=form()["note"])
    stranger = Client()
    stranger.cookies["holds"] = forge(held.reference)
    assert "Pay or give it back" not in Page(stranger.get("/")).links
    assert stranger.post("/", form()).status_code == 409
    assert Appointment.objects.get().status == "held"


def test_a_cookie_of_another_visitor_name_is_worth_nothing_here(client, provider):
    """Signed by us, but as another cookie: the signature is bound to the name."""
    client.post("/", form())
    stranger = Client()
    stranger.cookies["sessionid"] = client.cookies["holds"].value
    assert stranger.post("/", form()).status_code == 409


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
def test_a_visitor_without_cookies_gets_the_form_again_with_what_was_typed(provider, headers):
    strict = Client(enforce_csrf_checks=True)
    response = strict.post("/", form(), headers=headers)
    page = Page(response)
    assert response.status_code == 403
    assert [words for words in page.text if "allow cookies for this site" in words] == [COOKIE_MISSING]
    assert page.fields["client_email"] == form()["client_email"]
    assert ("html" in page.tags) is (not headers)
    assert response.get("HX-Push-Url") == ("false" if headers else None)
    assert Appointment.objects.count() == 0
    assert strict.post("/", {**page.fields, **form()}).status_code == 303


def test_a_visitor_with_cookies_books_by_the_token_in_the_form(provider):
    strict = Client(enforce_csrf_checks=True)
    details = Page(strict.get(chosen(time=TEN)))
    assert strict.post("/", {**details.fields, **form()}).status_code == 303


def test_the_form_never_leaves_validation_to_the_browser(client, provider):
    assert re.findall(r"<form[^>]*\bnovalidate\b", client.get(chosen(time=TEN)).content.decode()) != []


def test_the_forms_address_holds_the_choices_and_only_those(client, provider):
    [action] = Page(client.get(chosen(time=TEN))).actions
    assert parse_qs(urlsplit(action).query) == {
        "provider": ["dr-ada-byrne"],
        "service": ["consultation"],
        "time": [TEN],
    }
