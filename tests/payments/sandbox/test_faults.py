"""Each fault that is switched on has its effect and is counted; without faults nothing is counted."""

from collections.abc import Callable
from typing import NamedTuple

import pytest
import stripe

from payments.sandbox.faults import draw, parse
from payments.sandbox.models import Fault, StripeObject, WebhookDelivery
from payments.sandbox.webhooks import deliver_due
from tests.gunicorn import PRODUCTION, collect_static_files, gunicorn
from tests.manage import manage
from tests.payments.sandbox.sdk import stripe_client
from tests.shapes import session_params

pytestmark = pytest.mark.django_db(transaction=True)
CREATE = "POST /v1/checkout/sessions"


@pytest.fixture
def faults(settings):
    def inject(written):
        settings.STRIPE_SANDBOX_FAULTS = written

    return inject


def counted():
    return sorted(Fault.objects.values_list("kind", "detail"))


def seed_where(kind, bound):
    """Return a seed with which the fault meets the first call before its work, if `bound` is BEFORE, or after it."""
    return next(seed for seed in range(100) if bound(first_draw(kind, seed)))


def first_draw(kind, seed):
    from django.conf import settings

    settings.STRIPE_SANDBOX_FAULTS = f"seed={seed}"
    return draw(kind, CREATE, 0)


@pytest.fixture
def first_calls():
    """Let the sandbox count calls from zero, since its faults depend on the number of the call."""
    from payments.sandbox import faults

    faults.calls.clear()


BEFORE, AFTER = (lambda drawn: drawn < 0.5), (lambda drawn: drawn >= 0.5)


class Case(NamedTuple):
    fault: str
    half: Callable[[float], bool]
    error: type[Exception]
    counted_as: str
    sessions_made: int


@pytest.mark.parametrize(
    "case",
    [
        Case("api.timeout", BEFORE, stripe.APIConnectionError, "lost before", 0),
        Case("api.timeout", AFTER, stripe.APIConnectionError, "lost after", 1),
        Case("api.error", BEFORE, stripe.APIError, "failed before", 0),
        Case("api.error", AFTER, stripe.APIError, "failed after", 1),
    ],
    ids=lambda case: case.counted_as,
)
def test_an_answer_goes_missing_before_or_after_the_work(sessions, faults, first_calls, case):
    faults(f"{case.fault}=1,seed={seed_where(case.fault, case.half)}")
    with pytest.raises(case.error):
        sessions.create(params=session_params())
    assert StripeObject.objects.filter(type="checkout.session").count() == case.sessions_made
    assert counted() == [(case.fault, f"{case.counted_as} {CREATE}")]


@pytest.mark.parametrize(
    "case",
    [
        Case("api.error_saved", BEFORE, stripe.APIError, "failed before", 0),
        Case("api.error_saved", AFTER, stripe.APIError, "failed after", 1),
    ],
    ids=lambda case: case.counted_as,
)
def test_a_failure_that_is_saved_is_repeated_under_its_key_whether_or_not_the_work_was_done(
    sessions, faults, first_calls, case
):
    faults(f"{case.fault}=1,seed={seed_where(case.fault, case.half)}")
    params, answers = session_params(), []
    for _ in range(2):
        with pytest.raises(case.error) as failed:
            sessions.create(params=params, options={"idempotency_key": "k"})
        answers.append((failed.value.http_status, failed.value.headers.get("Idempotent-Replayed")))
        faults("")
    assert answers == [(500, None), (500, "true")]
    assert failed.value.headers["Stripe-Should-Retry"] == "false"
    assert StripeObject.objects.filter(type="checkout.session").count() == case.sessions_made
    assert counted() == [(case.fault, f"{case.counted_as} {CREATE}")]
    assert sessions.create(params=params, options={"idempotency_key": "another"}).status == "open"


def test_without_a_key_no_failure_is_saved(sessions, faults):
    faults("api.error_saved=1,seed=1")
    assert (sessions.list().data, counted()) == ([], [])


def test_what_was_done_before_its_answer_was_lost_is_found_by_its_key(sessions, faults, first_calls):
    faults(f"api.timeout=1,seed={seed_where('api.timeout', AFTER)}")
    params, options = session_params(), {"idempotency_key": "k"}
    with pytest.raises(stripe.APIConnectionError):
        sessions.create(params=params, options=options)
    faults("")
    again = sessions.create(params=params, options=options)
    assert list(StripeObject.objects.filter(type="checkout.session").values_list("pk", flat=True)) == [again.id]


def test_a_webhook_is_dropped_and_due_again(sessions, page_of, receiver, faults):
    faults("webhook.drop=1,seed=1")
    session = sessions.create(params=session_params())
    page_of(session).pay()
    delivery = WebhookDelivery.objects.get()
    assert (receiver.events(), delivery.last_answer, delivery.next_attempt_at is None) == ([], "dropped", False)
    assert counted() == [("webhook.drop", "checkout.session.completed")]


def test_a_webhook_comes_twice(sessions, page_of, receiver, faults):
    faults("webhook.duplicate=1,seed=1")
    page_of(sessions.create(params=session_params())).pay()
    first, second = receiver.events()
    assert (first.id, counted()) == (second.id, [("webhook.duplicate", "checkout.session.completed")])


@pytest.mark.parametrize("fault", ["webhook.delay=30", "webhook.reorder=1"])
def test_a_webhook_comes_later(sessions, page_of, receiver, faults, fault):
    faults(f"{fault},seed=1")
    page_of(sessions.create(params=session_params())).pay()
    assert receiver.events() == []
    assert deliver_due(WebhookDelivery.objects.get().next_attempt_at) == 1
    assert [event.type for event in receiver.events()] == ["checkout.session.completed"]


def test_a_session_lives_as_long_as_it_is_told(sessions, faults):
    asked = session_params()
    faults("session.lifetime=2")
    session = sessions.create(params=asked)
    assert session.expires_at - session.created == 2
    assert [kind for kind, _ in counted()] == ["session.lifetime"]


def test_what_is_there_is_not_found_where_it_is_asked_for_by_its_id(sessions, faults):
    session = sessions.create(params=session_params())
    faults("api.missing=1,seed=1")
    with pytest.raises(stripe.InvalidRequestError) as refused:
        sessions.retrieve(session.id)
    assert (refused.value.code, refused.value.http_status) == ("resource_missing", 404)
    assert [one.id for one in sessions.list().data] == [session.id]
    assert [kind for kind, _ in counted()] == ["api.missing"]


def test_without_faults_nothing_happens_and_nothing_is_counted(sessions, page_of, receiver):
    page_of(sessions.create(params=session_params())).pay()
    assert (len(receiver.events()), counted()) == (1, [])


def test_the_same_seed_draws_the_same(faults):
    faults("seed=7")
    drawn = [draw("webhook.drop", number) for number in range(5)]
    faults("seed=8")
    assert drawn != [draw("webhook.drop", number) for number in range(5)]
    faults("seed=7")
    assert drawn == [draw("webhook.drop", number) for number in range(5)]


@pytest.mark.parametrize(
    "written", ["webhook.drop", "webhook.drop=2", "api.slow=-1", "api.colour=1", "seed=x", "api.error=nan"]
)
def test_what_makes_no_sense_does_not_start(written):
    process = manage("check", STRIPE_SANDBOX_FAULTS=written)
    assert (process.returncode, "STRIPE_SANDBOX_FAULTS" in process.stderr) == (1, True)


def test_beside_a_real_key_there_are_none():
    process = manage("check", STRIPE_SANDBOX_FAULTS="api.slow=1", STRIPE_SECRET_KEY="sk_test_x")
    assert (process.returncode, "unset them or STRIPE_SECRET_KEY" in process.stderr) == (1, True)


def test_under_gunicorn_a_lost_answer_is_no_answer_and_the_next_one_comes(transactional_db, database_url):
    from django.conf import settings

    collect_static_files()
    with gunicorn(workers=1, DATABASE_URL=database_url, STRIPE_SANDBOX_FAULTS="api.timeout=0.5,seed=7") as server:
        script = "from django.conf import settings; print(settings.STRIPE_SECRET_KEY)"
        site = {**PRODUCTION, "SITE_URL": server.address, "STRIPE_SANDBOX": "1"}
        key = manage("shell", "-v0", "-c", script, **site).stdout.strip()
        sessions = stripe_client(server.address, key, max_network_retries=0).v1.checkout.sessions
        answers = [outcome(sessions) for _ in range(20)]
    assert set(answers) == {"answered", "lost"}
    assert Fault.objects.count() == answers.count("lost")
    assert parse(settings.STRIPE_SANDBOX_FAULTS) == {}


def outcome(sessions):
    try:
        sessions.list()
    except stripe.APIConnectionError:
        return "lost"
    return "answered"
