"""Finding a client by whatever is known of them."""

import pytest

from tests.booking.clock import NOW, dublin
from tests.factories import make_appointment, make_provider
from tests.pages import Page, page_and_htmx, words
from tests.staff import logged_in, somebody

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]


@pytest.fixture
def noon(time_machine):
    """It is Monday 1 June 2026, 12:00 in Dublin."""
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def provider(db):
    return make_provider()


@pytest.fixture
def desk(provider):
    return logged_in(somebody("Reception", name="grace"))


@pytest.fixture
def zoe(provider):
    """Her next appointment. She has come before, and gave a time back once."""
    facts = {"provider": provider, "email": "zoe@example.com", "client_name": "Zoë O’Neill"}
    make_appointment(at=dublin(1, "09:00"), status="confirmed", **facts)
    make_appointment(at=dublin(9, "09:00"), status="cancelled", **facts)
    return make_appointment(at=dublin(3, "10:00"), client_phone="+353871234567", **facts)


def found(client, text, headers=None):
    return Page(client.get("/staff/find/", {"q": text}, headers=headers))


def test_somebody_is_found_by_the_name_of_who_came_with_them(desk, provider):
    make_appointment(provider=provider, at=dublin(2, "10:00"), client_name="Jo Malone", for_whom="Mía Walsh")
    assert [person.latest.for_whom for person in desk.get("/staff/find/", {"q": "mia"}).context["found"].people] == [
        "Mía Walsh"
    ]


@page_and_htmx
def test_a_person_is_found_with_what_comes_and_what_is_past(desk, zoe, headers):
    page = found(desk, "o'neill", headers)
    assert (page.heading("h2"), page.heading("h3")) == ([], ["Coming", "Past, cancelled or given back"])
    assert "Zoë O’Neill" in page.text
    states = [words for words in page.text if words.startswith(("Held", "Paid", "Given back"))]
    assert states == ["Held until 12:15", "Given back before it was paid", "Paid"]
    assert page.links["Wednesday 3 June 2026, 10:00"] == f"/staff/appointments/{zoe.pk}/"


@pytest.mark.parametrize(
    "text", ["ONEILL", "o’neill", "zoe", "ZOË o´neill", "zoe@example.com", "087 123 4567", "+353 87 123 4567", "087 12"]
)
def test_accents_apostrophes_and_case_do_not_matter(desk, zoe, text):
    assert "Zoë O’Neill" in found(desk, text).text


def test_the_first_six_characters_of_a_reference_are_enough(desk, zoe):
    page = found(desk, zoe.reference[:6])
    assert page.links["Wednesday 3 June 2026, 10:00"] == f"/staff/appointments/{zoe.pk}/"
    assert found(desk, zoe.reference).links["Wednesday 3 June 2026, 10:00"] == f"/staff/appointments/{zoe.pk}/"


def test_a_time_by_another_clock_than_the_practices_says_whose(desk, provider):
    marta = make_provider(name="Marta Ruiz", zone="Europe/Madrid", services=provider.services.all())
    facts = {"status": "confirmed", "email": "zoe@example.com"}
    there = make_appointment(provider=marta, at=dublin(3, "09:00"), **facts)
    here = make_appointment(provider=provider, at=dublin(3, "11:00"), **facts)
    said = words(desk.get("/staff/find/", {"q": "zoe@example.com"}))
    assert "Wednesday 3 June 2026, 10:00 Madrid time Consultation with Marta Ruiz" in said
    assert "Wednesday 3 June 2026, 11:00 Consultation with Dr Ada Byrne" in said
    pages = (f"/staff/appointments/{one.pk}/cancel/" for one in (there, here))
    assert ["Madrid time" in words(desk.get(page)) for page in pages] == [True, False]


@pytest.mark.parametrize("text", ["nobody", "\x00", "%", "x" * 3000, "<script>"])
def test_nobody_is_found_in_a_sentence(desk, zoe, text):
    page = found(desk, text)
    assert page.heading("h1") == ["Find a client"]
    assert [words for words in page.text if "Zoë" in words] == []


def test_nothing_asked_is_nothing_answered(desk, zoe):
    page = Page(desk.get("/staff/find/"))
    assert (page.heading("h2"), [words for words in page.text if "Nobody" in words]) == ([], [])


def test_people_are_kept_apart_by_mailbox_and_by_phone(desk, provider):
    people = [("Jo", "jo@example.com", ""), ("Jo M", "jo+x@example.com", ""), ("Jo", "", "+353871234567")]
    for day, (name, email, phone) in enumerate(people, start=2):
        at = dublin(day, "10:00")
        make_appointment(provider=provider, at=at, client_name=name, email=email, client_phone=phone)
    page = found(desk, "jo")
    assert page.html.count('<section class="person"') == 2


def test_of_many_appointments_the_nearest_are_shown_and_how_many_more_there_are(desk, provider):
    for number in range(12):
        make_appointment(provider=provider, at=dublin(2 + number, "10:00"), client_name="Jo", status="confirmed")
    make_appointment(provider=provider, at=dublin(20, "10:00"), client_name="Jo", email="jo2@example.com")
    page = found(desk, "jo")
    assert "Tuesday 2 June 2026, 10:00" in page.links
    assert page.links["7 more of Jo"] == "/staff/find/?q=jo%40example.com"
    assert len([words for words in found(desk, "jo@example.com").links if "June" in words]) == 12


def test_of_many_people_it_is_said_how_many_more_there_are(desk, provider):
    for number in range(12):
        at = dublin(2 + number, "10:00")
        make_appointment(provider=provider, at=at, client_name="Jo", email=f"jo{number}@example.com")
    assert "2 more people fit. Type more of the name to find them." in found(desk, "jo").text


def test_of_more_than_a_page_the_latest_are_shown_and_each_person_leads_to_all_of_theirs(desk, provider, monkeypatch):
    monkeypatch.setattr("staff.pages.find.A_PAGE", 3)
    for number in range(5):
        facts = {"client_name": "Jo", "email": f"jo{number % 2}@example.com", "status": "confirmed"}
        make_appointment(provider=provider, at=dublin(2 + number, "10:00"), **facts)
    page = found(desk, "jo")
    sentence = "More than 3 appointments fit. These are the latest: type more letters to find an earlier one."
    assert sentence in page.text
    assert [words for words in page.links if "June" in words] == [
        "Thursday 4 June 2026, 10:00",
        "Saturday 6 June 2026, 10:00",
        "Friday 5 June 2026, 10:00",
    ]
    assert page.links["All appointments of Jo"] == "/staff/find/?q=jo1%40example.com"
    everything = found(desk, "JO0@example.com")
    assert (len([words for words in everything.links if "June" in words]), sentence in everything.text) == (3, False)


def test_a_whole_address_or_number_finds_that_client_alone(desk, provider, zoe):
    other = {"email": "chloe.zoe@example.com", "client_name": "Chloe", "client_phone": "+3538712345678"}
    make_appointment(provider=provider, at=dublin(4, "10:00"), **other)
    for text in ("zoe@example.com", "Zoe+spring@Example.com", "087 123 4567"):
        assert "Chloe" not in found(desk, text).text
    assert "Chloe" in found(desk, "zoe@example").text


def test_a_provider_finds_only_clients_of_their_own(provider, zoe):
    other = make_provider(name="Dr Bo Ode", services=provider.services.all())
    theirs = logged_in(somebody("Provider", provider=other, name="bo"))
    assert "Zoë O’Neill" not in found(theirs, "zoe").text
    assert f"/staff/appointments/{zoe.pk}/" not in found(theirs, zoe.reference).links.values()


def test_who_may_not_look_is_refused(provider):
    assert logged_in(somebody("", name="nobody")).get("/staff/find/?q=zoe").status_code == 403


@pytest.mark.parametrize("appointments", [1, 25])
def test_it_costs_the_same_however_much_is_found(desk, provider, appointments, engine, django_assert_num_queries):
    for number in range(appointments):
        make_appointment(provider=provider, at=dublin(2 + number, "10:00"), client_name="Joan")
    with django_assert_num_queries({"sqlite3": 6, "postgresql": 7}[engine]):
        assert "Joan" in found(desk, "joan").text


@pytest.mark.parametrize("appointments", [1, 25])
def test_a_whole_address_costs_one_question(desk, provider, appointments, django_assert_num_queries):
    for number in range(appointments):
        make_appointment(provider=provider, at=dublin(2 + number, "10:00"), client_name="Joan")
    with django_assert_num_queries(5):
        assert "Joan" in found(desk, "jo@example.com").text
