"""Lists come newest first and a page at a time, and can be filtered and expanded."""

import pytest
import stripe

from payments.sandbox.models import StripeObject
from tests.shapes import session_params

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def seven(v1):
    """The ids of seven sessions, newest first, some of which were created in the same second."""
    ids = [v1.checkout.sessions.create(params=session_params()).id for _ in range(7)]
    for second, session_id in enumerate(ids):
        StripeObject.objects.filter(pk=session_id).update(created=1000 + second // 2)
    return list(StripeObject.objects.order_by("-created", "-pk").values_list("pk", flat=True))


def ids_of(page):
    return [one.id for one in page.data]


def test_a_page_at_a_time_gives_everything_once(v1, seven):
    first = v1.checkout.sessions.list(params={"limit": 3})
    assert (ids_of(first), first.has_more, first.url) == (seven[:3], True, "/v1/checkout/sessions")
    assert [one.id for one in first.auto_paging_iter()] == seven
    last = v1.checkout.sessions.list(params={"limit": 3, "starting_after": seven[5]})
    assert (ids_of(last), last.has_more) == (seven[6:], False)


def test_a_page_backwards_ends_before_the_one_named(v1, seven):
    page = v1.checkout.sessions.list(params={"limit": 3, "ending_before": seven[5]})
    assert (ids_of(page), page.has_more) == (seven[2:5], True)
    page = v1.checkout.sessions.list(params={"limit": 3, "ending_before": seven[2]})
    assert (ids_of(page), page.has_more) == (seven[:2], False)


def test_age_and_state_choose(v1, seven):
    assert len(v1.checkout.sessions.list(params={"created": {"gte": 1002}}).data) == 3
    assert len(v1.checkout.sessions.list(params={"created": {"gt": 1000, "lt": 1003}}).data) == 4
    assert len(v1.checkout.sessions.list(params={"created": 1001}).data) == 2
    v1.checkout.sessions.expire(seven[0])
    assert ids_of(v1.checkout.sessions.list(params={"status": "expired"})) == [seven[0]]


def test_a_list_is_expanded_like_what_is_in_it(v1, page_of, receiver):
    session = v1.checkout.sessions.create(params=session_params())
    page_of(session).pay()
    expand = ["data.payment_intent.latest_charge.refunds"]
    [listed] = v1.checkout.sessions.list(params={"expand": expand}).data
    charge = listed.payment_intent.latest_charge
    assert (charge.amount_captured, charge.refunds.data) == (5100, [])
    assert ids_of(v1.charges.list(params={"payment_intent": listed.payment_intent.id})) == [charge.id]
    assert ids_of(v1.payment_intents.list()) == [listed.payment_intent.id]
    completed = v1.events.list(params={"type": "checkout.session.completed"}).data
    assert [event.data.object.id for event in completed] == [session.id]
    assert v1.events.retrieve(completed[0].id).type == "checkout.session.completed"


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"starting_after": "cs_x"}, "No such checkout.session: 'cs_x'"),
        ({"limit": 101}, "This value must be less than or equal to 100."),
        ({"created": {"before": 1}}, "Received unknown parameter: created[before]"),
        ({"colour": "red"}, "Received unknown parameter: colour"),
        ({"expand": ["data.colour"]}, "This property cannot be expanded (colour)."),
    ],
)
def test_what_is_asked_wrongly_is_said_in_stripes_words(v1, live_server, params, words):
    with pytest.raises(stripe.InvalidRequestError) as refused:
        v1.checkout.sessions.list(params=params)
    assert refused.value.user_message == words


def test_nothing_is_an_empty_list(v1, live_server):
    page = v1.refunds.list()
    assert (page.data, page.has_more, page.url) == ([], False, "/v1/refunds")
