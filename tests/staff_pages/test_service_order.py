"""The order of the services at the desk, in which clients see them: a new one is last, and a press moves one."""

import pytest
from django.contrib.admin.models import LogEntry

from booking.models import Service
from tests.factories import make_provider, make_service
from tests.pages import Page, words
from tests.staff import logged_in, member_of_staff, somebody

pytestmark = [pytest.mark.django_db]

LIST, ADD = "/staff/services/", "/staff/add/service/"
TYPED = {"duration_minutes": "50", "price": "60", "payment": "online"}
NAMES = ("Assessment", "Consultation", "Follow-up")


@pytest.fixture
def owner():
    return logged_in(somebody("Owner", name="olive", first_name="Olive"))


@pytest.fixture
def three():
    """Three services as they were before anybody ordered them: all in one place, by their names."""
    return [make_service(name=name) for name in NAMES]


def order():
    return [service.name for service in Service.objects.all()]


def press(browser, service, **beside):
    answer = browser.post(f"{LIST}{service.slug}/order/", beside)
    assert answer.status_code == 303
    return answer["Location"]


def focused(page):
    """The names of the buttons that have the focus once the page is there, with where each puts its service."""
    buttons = [tag.partition(">")[0] for tag in page.content.decode().split("<button")]
    return [tuple(button.split('"')[3:6:2]) for button in buttons if " autofocus" in button]


@pytest.mark.parametrize("positions", [(), (0, 0), (3, 1)])
def test_one_that_is_added_comes_after_those_that_there_are(owner, positions):
    for number, position in enumerate(positions):
        make_service(name=f"Service {number}", position=position)
    for name in ("Physiotherapy", "Follow-up"):
        owner.post(ADD, {**TYPED, "name": name})
    assert order()[-2:] == ["Physiotherapy", "Follow-up"]


def test_after_the_last_position_that_there_is_one_can_be_added_and_moved(owner):
    last = make_service(name="Last of all", position=Service.LAST_POSITION)
    owner.post(ADD, {**TYPED, "name": "First visit"})
    assert order() == ["First visit", "Last of all"]
    press(owner, last, before="first-visit")
    assert order() == ["Last of all", "First visit"]


def test_a_service_stays_where_it_is_when_it_is_changed(owner, three):
    press(owner, three[2], before="assessment")
    page = owner.get(f"{LIST}follow-up/")
    typed = {**TYPED, "name": "Follow-up", "was": page.context["was"]}
    assert owner.post(f"{LIST}follow-up/", typed)["Location"] == "/staff/"
    assert order() == ["Follow-up", "Assessment", "Consultation"]


def buttons(page):
    """The name and value of each button that moves one."""
    return [(name, value) for name, value in page.buttons if name]


def test_a_press_moves_it_by_one_and_the_list_says_so(owner, three):
    page = owner.get(press(owner, three[2], before="consultation"))
    assert order() == ["Assessment", "Follow-up", "Consultation"]
    assert "“Follow-up” is number 2 in the list now, and clients see it there." in words(page)
    assert [str(one) for one in LogEntry.objects.all()] == ["Changed “Follow-up” — Moved in the list at the desk."]
    press(owner, three[0], after="follow-up")
    assert order() == ["Follow-up", "Assessment", "Consultation"]


def test_clients_and_programs_have_them_in_that_order(owner, client, three):
    provider = make_provider(services=three)
    press(owner, three[2], before="assessment")
    found = client.get("/api/providers").json()[0]["services"]
    assert [service["name"] for service in found] == ["Follow-up", "Assessment", "Consultation"]
    links = [*Page(client.get("/", {"provider": provider.slug})).links]
    assert sorted(NAMES, key=links.index) == ["Follow-up", "Assessment", "Consultation"]


def test_each_has_a_button_for_each_way_that_it_can_go(owner, three):
    page = Page(owner.get(LIST))
    assert buttons(page) == [
        ("after", "consultation"),
        *(("before", "assessment"), ("after", "follow-up")),
        ("before", "consultation"),
    ]
    assert "Clients see them in this order." in page.text
    Service.objects.exclude(name="Assessment").delete()
    alone = Page(owner.get(LIST))
    assert (buttons(alone), "Clients see them in this order." in alone.text) == ([], False)


def test_the_button_that_was_pressed_has_the_focus_as_long_as_it_is_there(owner, three):
    assert focused(owner.get(LIST)) == []
    page = owner.get(press(owner, three[2], before="consultation"))
    assert focused(page) == [("before", "assessment")]
    page = owner.get(press(owner, three[2], before="assessment"))
    assert focused(page) == [("after", "assessment")]


def test_the_same_press_twice_moves_it_once(owner, three):
    for _press in range(2):
        page = owner.get(press(owner, three[2], before="consultation"))
    assert order() == ["Assessment", "Follow-up", "Consultation"]
    assert (LogEntry.objects.count(), "number" in words(page)) == (1, False)


def test_a_press_on_a_list_that_a_colleague_has_changed_puts_it_where_it_says(owner, three):
    press(owner, three[1], before="assessment")
    press(owner, three[2], before="consultation")
    assert order() == ["Follow-up", "Consultation", "Assessment"]


@pytest.mark.parametrize("beside", [{}, {"before": "follow-up"}, {"after": "nothing"}, {"before": "\0"}])
def test_beside_itself_or_nothing_it_stays(owner, three, beside):
    assert press(owner, three[2], **beside).startswith(LIST)
    assert (order(), LogEntry.objects.count()) == ([*NAMES], 0)


def test_one_that_is_not_there_is_not_found(owner, three):
    assert owner.post(f"{LIST}nothing/order/", {"before": "assessment"}).status_code == 404


def test_to_look_changes_nothing(owner, three):
    owner.get(f"{LIST}follow-up/order/", {"before": "assessment"})
    owner.get(LIST, {"moved": "follow-up", "to": "before"})
    assert order() == [*NAMES]


def test_who_may_change_services_may_move_them(three):
    browser = member_of_staff("view_appointment", "see_every_diary", "change_service")
    press(browser, three[2], before="assessment")
    assert order()[0] == "Follow-up"


@pytest.mark.parametrize("role", ["Reception", "Provider"])
def test_nobody_else_may(three, role):
    browser = logged_in(somebody(role, provider=make_provider(services=three)))
    answer = browser.post(f"{LIST}follow-up/order/", {"before": "assessment"})
    assert (answer.status_code, order()) == (403, [*NAMES])


@pytest.mark.parametrize("many", [0, 5])
def test_a_press_costs_the_same_however_many_there_are(owner, three, many, django_assert_num_queries):
    for number in range(many):
        make_service(name=f"Service {number}", position=9)
    with django_assert_num_queries(15):
        press(owner, three[2], before="consultation")
