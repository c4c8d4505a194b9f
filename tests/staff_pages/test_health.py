"""Whether all is well, at the desk: what each role reads, on the day and on a page of its own."""

from datetime import timedelta

import pytest
from django.db.models import F
from django.utils import timezone

from booking.models import Mail
from payments.models import Examination, Heartbeat, Payment, WebhookEvent
from staff.site_address import opened_elsewhere
from tests.factories import in_days, make_appointment, make_payment
from tests.pages import Page, words
from tests.staff import logged_in, somebody

pytestmark = pytest.mark.django_db

PAGE = "/staff/health/"
LOST = "Mails could not be delivered, so nobody has read them."
WAITING = "Payments need a person, as no rule may decide what becomes of them."
STANDS_STILL = "The work in the background stands still: no mail is sent, and no unpaid time is given back."
NOTHING_HEARD = "Stripe’s messages do not arrive: payments are confirmed late."


@pytest.fixture
def owner():
    return logged_in(somebody("Owner", name="olive"))


@pytest.fixture
def reception():
    return logged_in(somebody("Reception", name="grace"))


@pytest.fixture
def all_well(settings):
    """Tick has just gone round, mail is sent, and the audit of last night found nothing."""
    settings.MAIL_IS_SENT, settings.MAILBOX, settings.PRACTICE_EMAIL = True, False, "desk@practice.example"
    Heartbeat.beat("tick", timezone.now())
    Examination.remember("audit --stripe", [], 0, timezone.now() - timedelta(hours=8))


@pytest.fixture
def booked(provider):
    at = in_days(3, provider=provider)
    facts = {"client_name": "Nuala O’Neill", "client_phone": "+353871234567", "email": "nuala@example.com"}
    return make_appointment(provider=provider, at=at, status="confirmed", **facts)


def lose_a_mail(appointment, kind="confirmed", reader="client", **facts):
    mail = Mail.about(appointment, Mail.Kind(kind), kind, Mail.Reader(reader))
    for name, value in {"status": "refused", "last_error": "SMTPRecipientsRefused", **facts}.items():
        setattr(mail, name, value)
    mail.save()
    return mail


def wrong(browser):
    """Return what the page says is to be done, without the advice."""
    page = browser.get(PAGE)
    return [line.sentence for line in page.context["lines"] if not line.is_well]


def on_the_day(browser):
    return list(browser.get("/staff/").context["timetable"].not_well)


@pytest.mark.usefixtures("all_well", "provider")
def test_of_a_site_that_lacks_nothing_the_page_says_so_and_the_day_says_nothing(owner):
    page = owner.get(PAGE)
    assert [line.sentence for line in page.context["lines"]] == [
        "No payment needs a person.",
        "No mail was given up that still matters.",
        "Links, mails and payments lead to the address that you opened.",
        "The work in the background goes on.",
        "No mail waits for long.",
        "No client waits for Stripe to open a payment page.",
        "No message of Stripe’s has come yet: the first payment brings one.",
        "Every appointment and all money is accounted for.",
    ]
    assert (wrong(owner), on_the_day(owner), "See what to do" in words(owner.get("/staff/"))) == ([], [], False)


# What runs beside the site


@pytest.mark.usefixtures("all_well", "provider")
def test_tick_that_stands_still_or_never_ran(owner):
    Heartbeat.beat("tick", timezone.now() - timedelta(minutes=9))
    assert wrong(owner) == []
    Heartbeat.beat("tick", timezone.now() - timedelta(minutes=11))
    assert (wrong(owner), on_the_day(owner)) == ([STANDS_STILL], [STANDS_STILL])
    Heartbeat.objects.all().delete()
    assert (wrong(owner), "It has never run." in words(owner.get(PAGE))) == ([STANDS_STILL], True)
    assert Page(owner.get("/staff/")).links["See what to do"] == PAGE


@pytest.mark.usefixtures("all_well")
def test_a_mail_that_waits_for_an_hour(owner, booked):
    mail = lose_a_mail(booked, status="owed", last_error="SMTPServerDisconnected")
    assert wrong(owner) == []
    Mail.objects.filter(pk=mail.pk).update(first_due_at=timezone.now() - timedelta(hours=2))
    assert wrong(owner) == on_the_day(owner) == ["Mails wait to be sent for more than an hour."]
    for _ in range(20):
        Mail.objects.update(attempts=F("attempts") + 1)
        Mail.objects.get().record_failed(timezone.now(), "SMTPServerDisconnected")
    assert wrong(owner) == ["Mails wait to be sent for more than an hour."]


@pytest.mark.usefixtures("all_well", "provider")
def test_no_mail_server(owner, settings):
    settings.MAIL_IS_SENT = False
    assert wrong(owner) == ["No mail is sent, so no client has a confirmation."]


@pytest.mark.usefixtures("all_well", "provider")
@pytest.mark.parametrize("role", ["Owner", "Reception"])
def test_where_mail_goes_to_the_mailbox_of_the_demonstration_nothing_says_that_it_arrives(settings, role):
    settings.MAILBOX = True
    browser = logged_in(somebody(role, name="nora"))
    sentence = "No mail leaves this site: all of it stays under “Mails”, where anybody can read it."
    assert (wrong(browser), on_the_day(browser)) == ([sentence], [])
    said = words(browser.get(PAGE))
    assert "Ask whoever runs this site to set EMAIL_URL." in said
    assert ("No mail was given up" in said, "No mail waits" in said) == (False, False)


@pytest.mark.usefixtures("all_well", "provider")
@pytest.mark.parametrize("opened", ["127.0.0.1:8034", "localhost:8000", "127.0.0.1"])
def test_a_desk_that_is_opened_at_another_address_than_the_sites_own_says_where_links_lead(owner, settings, opened):
    settings.SITE_URL = "http://127.0.0.1:8000"
    owner.defaults["HTTP_HOST"] = opened
    sentence = f"You opened http://{opened}, but links, mails and payments lead to http://127.0.0.1:8000."
    assert wrong(owner) == on_the_day(owner) == [sentence]
    advice = "If http://127.0.0.1:8000 does not lead here, ask whoever runs this site to set SITE_URL."
    assert advice in words(owner.get(PAGE))


def test_a_port_that_cannot_be_is_another_address(rf):
    assert opened_elsewhere(rf.get("/", HTTP_HOST="127.0.0.1:99999")) == "http://127.0.0.1:99999"


@pytest.mark.parametrize(
    "own", ["https://book.example.org", "https://book.example.org:443", "https://BOOK.example.org"]
)
def test_the_port_that_is_usual_and_capital_letters_make_no_other_address(rf, settings, own):
    settings.SITE_URL, settings.ALLOWED_HOSTS = own, ["book.example.org"]
    assert opened_elsewhere(rf.get("/", HTTP_HOST="book.example.org", secure=True)) == ""
    assert opened_elsewhere(rf.get("/", HTTP_HOST="book.example.org")) == "http://book.example.org"


@pytest.mark.usefixtures("all_well")
def test_a_payment_page_that_stripe_did_not_open_is_told_until_it_is_open(owner, booked):
    payment = make_payment(booked, status="open", checkout_session_id=None)
    assert wrong(owner) == []
    Payment.objects.filter(pk=payment.pk).update(created_at=timezone.now() - timedelta(seconds=20))
    assert wrong(owner) == on_the_day(owner) == ["Stripe opened no payment page when it was asked last."]
    Payment.objects.filter(pk=payment.pk).update(checkout_session_id="cs_test_1")
    assert wrong(owner) == []


@pytest.mark.usefixtures("all_well")
def test_a_payment_of_which_no_webhook_told(owner, booked):
    payment = make_payment(booked, paid_at=timezone.now() - timedelta(minutes=50))
    assert wrong(owner) == []
    Payment.objects.filter(pk=payment.pk).update(paid_at=timezone.now() - timedelta(hours=2))
    assert wrong(owner) == on_the_day(owner) == [NOTHING_HEARD]
    WebhookEvent.objects.create(event_id="evt_1", type="charge.succeeded", livemode=False)
    assert wrong(owner) == []


@pytest.mark.usefixtures("all_well", "provider")
def test_an_audit_that_found_something_shows_what_and_since_when(owner):
    Examination.remember("audit", ["Payment 7 waits for staff: mismatch", "Payment 8 too"], 2, timezone.now())
    assert wrong(owner) == on_the_day(owner) == ["The audit found 2 things wrong."]
    said = words(owner.get(PAGE))
    assert ("Payment 7 waits for staff: mismatch" in said, "Something has been wrong since:" in said) == (True, True)


@pytest.mark.usefixtures("all_well", "provider")
def test_an_audit_of_three_days_ago(owner):
    Examination.objects.update(at=timezone.now() - timedelta(days=3))
    assert wrong(owner) == on_the_day(owner) == ["No audit has run for more than two days."]


@pytest.mark.usefixtures("all_well", "provider")
def test_where_no_audit_has_ever_run_the_page_says_so_and_the_day_does_not(owner):
    Examination.objects.all().delete()
    sentence = "The nightly check that every appointment and all money is accounted for has not run yet."
    assert (wrong(owner), on_the_day(owner)) == ([sentence], [])


# What needs a person


@pytest.mark.usefixtures("all_well")
@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"problem": "mismatch"}, "Amount, currency, mode or reference is not what was asked for"),
        ({"dispute": "needs_response"}, "The client’s bank disputes it, and has taken the money."),
        (
            {"dispute": "needs_response", "charged_back": 1500},
            "Of this payment the client’s bank disputes €15.00, and has taken that.",
        ),
        ({"dispute": "warning_needs_response"}, "The client’s bank asks about it."),
    ],
    ids=["mismatch", "dispute", "dispute about a part", "inquiry"],
)
def test_a_payment_that_no_rule_may_decide_is_named_with_its_client_and_why(reception, booked, facts, why):
    make_payment(booked, **facts)
    assert wrong(reception) == on_the_day(reception) == [WAITING]
    page = reception.get(PAGE)
    assert (why in words(page), Page(page).links["Nuala O’Neill"]) == (True, f"/staff/appointments/{booked.pk}/")


@pytest.mark.usefixtures("all_well")
def test_a_refund_that_failed_says_how_much_is_missing(reception, booked):
    payment = make_payment(booked, refund_due=6000)
    payment.refunds.create(attempt=1, amount=6000, reason="cancelled", status="failed")
    assert "€60.00 is still due back to the client, as a refund failed." in words(reception.get(PAGE))


@pytest.mark.usefixtures("all_well")
def test_a_client_whose_mail_was_refused_is_named_with_the_phone_number(reception, booked):
    lose_a_mail(booked)
    assert wrong(reception) == on_the_day(reception) == [LOST]
    said = words(reception.get(PAGE))
    assert "Could not be mailed, as there is no nuala@example.com: the confirmation." in said
    assert Page(reception.get(PAGE)).links["+353 87 123 4567"] == "tel:+353871234567"


@pytest.mark.usefixtures("all_well")
@pytest.mark.parametrize("kept", ["", "nuala@oneill.example", "NUALA@example.com"])
def test_once_the_address_is_corrected_it_is_done(reception, booked, kept):
    lose_a_mail(booked)
    booked.client_email = kept
    booked.save()
    assert wrong(reception) == ([LOST] if kept.lower() == "nuala@example.com" else [])


@pytest.mark.usefixtures("all_well")
def test_a_mail_that_was_given_up_counts_and_one_that_was_no_longer_true_does_not(reception, booked):
    lose_a_mail(booked, kind="reminder", status="dropped", last_error="")
    assert wrong(reception) == []
    lose_a_mail(booked, status="dropped")
    assert wrong(reception) == [LOST]


@pytest.mark.usefixtures("all_well")
@pytest.mark.parametrize("facts", [{"status": "cancelled"}, {"days": -1}], ids=["cancelled", "over"])
def test_of_what_is_over_or_cancelled_no_mail_matters(reception, provider, facts):
    days, status = facts.get("days", 3), facts.get("status", "confirmed")
    lose_a_mail(make_appointment(provider=provider, at=in_days(days, provider=provider), status=status))
    assert wrong(reception) == []


@pytest.mark.usefixtures("all_well")
def test_the_practices_own_mail_counts_for_a_week(reception, booked, settings):
    mail = lose_a_mail(booked, reader="practice")
    assert wrong(reception) == [LOST]
    Mail.objects.filter(pk=mail.pk).update(created_at=timezone.now() - timedelta(days=8))
    assert wrong(reception) == []


# Who reads what


@pytest.mark.usefixtures("all_well")
def test_reception_reads_what_needs_a_person_and_nothing_of_the_machines(reception, provider):
    page = reception.get(PAGE)
    assert [line.key for line in page.context["lines"]] == ["payments", "mails"]
    assert ("The connections" in words(page), on_the_day(reception)) == (False, [])
    assert reception.post("/staff/health/examine/").status_code == 403
    assert "Health" not in Page(page).links


@pytest.mark.usefixtures("all_well")
def test_a_provider_reads_nothing_of_it_on_the_day(booked, provider):
    lose_a_mail(booked)
    browser = logged_in(somebody("Provider", provider=provider))
    assert (on_the_day(browser), browser.get(PAGE).status_code) == ([], 403)


# Examined at a press


def test_looking_asks_nobody_outside(owner, provider, monkeypatch):
    def refuse(*args, **kwargs):
        raise AssertionError

    monkeypatch.setattr("socket.socket.connect", refuse)
    assert "They were never examined from here." in words(owner.get(PAGE))
    assert Examination.objects.count() == 0


@pytest.mark.usefixtures("nobody_outside_answers", "provider")
def test_a_press_examines_and_the_page_remembers_what_was_said(owner):
    answer = owner.post("/staff/health/examine/")
    assert (answer.status_code, answer["Location"]) == (303, f"{PAGE}#connections")
    said = words(owner.get(PAGE))
    assert "WRONG: Stripe cannot be reached from here, so nothing of the key could be examined." in said
    assert "Send what is said here to whoever runs this site." in said


@pytest.mark.usefixtures("nobody_outside_answers", "provider")
def test_what_was_said_is_english_whatever_the_page_is_in(owner, settings):
    settings.LANGUAGES, settings.LANGUAGE_CODE = [("es-ie", "Español"), ("en-ie", "English")], "es-ie"
    Heartbeat.beat("tick", timezone.now() - timedelta(hours=2))
    owner.post("/staff/health/examine/")
    assert "WRONG: tick last went round 2 hours ago: run `manage.py tick --every 10` as a service." in (
        Examination.objects.get().lines
    )
    assert '<pre class="said" lang="en">' in owner.get(PAGE).content.decode()


# What it costs


@pytest.mark.usefixtures("all_well")
@pytest.mark.parametrize("many", [1, 15])
def test_the_page_costs_the_same_however_much_is_to_be_done(owner, provider, many, django_assert_num_queries):
    """They are the session, the user, what they may do and the signs; payments and refunds, mails, what was said."""
    for day in range(3, 3 + many):
        one = make_appointment(provider=provider, at=in_days(day, provider=provider), status="confirmed")
        make_payment(one, problem="mismatch", paid_at=timezone.now())
        lose_a_mail(one)
    with django_assert_num_queries(9):
        page = owner.get(PAGE)
    assert (len(page.context["payments"]), len(page.context["mails"])) == (many, many)
