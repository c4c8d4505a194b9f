"""manage.py doctor examines a site that lacks nothing, and sites on which one thing beside Stripe is wrong."""

import json
import zoneinfo
from datetime import timedelta

import pytest
import tzdata
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from booking.models import Mail, PracticeSetting
from payments import gateway
from payments.models import Heartbeat, Payment, WebhookEvent
from tests.factories import make_service
from tests.manage import manage
from tests.payments.doctor.visit import doctor, wrong
from tests.payments.ticking import later_tick
from tests.servers import NOWHERE, Handler, address_of


def test_of_a_site_that_lacks_nothing_it_says_so_in_sentences(site, settings):
    assert doctor() == (
        0,
        [
            "Every migration is applied.",
            f"The secret key is a test key: no money moves. Calls go to {settings.STRIPE_API_BASE}, not to Stripe.",
            "It has every permission that is needed.",
            "The clock agrees with Stripe's.",
            "The webhook endpoint is registered for every event that is needed, in our API version.",
            "No webhook was heard yet: the first payment brings one.",
            "The last tick went round a moment ago.",
            "The mail server takes us.",
            "No mail waits to be sent.",
            "Every setting of the desk can be read.",
            "Every service can be paid in EUR.",
            f"Time-zone data is of {tzdata.IANA_VERSION}.",
            "Every static file is collected.",
            f"{site.url} answers from here.",
            "Nothing is wrong.",
        ],
    )


def test_it_makes_and_sends_nothing(site, paid, mail_server):
    def everything():
        rows = [list(model.objects.values()) for model in (Payment, WebhookEvent, Mail, Heartbeat)]
        stripes = [client_list().data for client_list in (v1.refunds.list, v1.checkout.sessions.list)]
        return rows, [[one.to_dict() for one in listed] for listed in stripes]

    v1 = gateway.client().v1
    before = everything()
    doctor()
    assert everything() == before
    assert set(mail_server.told) <= {"EHLO", "AUTH", "QUIT"}


def test_a_service_that_nobody_can_book_since_the_currency_is_another(site, settings):
    make_service(name="Running analysis", price="120.00", payment="deposit", deposit="20.50")
    make_service(name="Consultation", price="6000.00")
    make_service(name="Call", price="20.50", active=False)
    assert wrong() == []
    settings.CURRENCY = "jpy"
    assert wrong() == [
        "Running analysis cannot be booked: its price or deposit cannot be paid in JPY. Change it in the admin."
    ]


def test_a_setting_of_the_desk_that_nobody_can_read(site):
    for name, text in {"CANCELLATION_POLICY": "48h 101%", "HOLD_MINUTES": "20", "PRACTICE_PHONE": None}.items():
        PracticeSetting.objects.create(name=name, text=text, at=timezone.now(), by_name="by hand")
    [sentence] = wrong()
    assert sentence.startswith("A setting of the desk is not in force: CANCELLATION_POLICY names notice and share")
    assert sentence.endswith("It is '48h 101%'. Save it anew on the page Settings.")


# What the site needs beside it: tick and the mail server


def test_no_tick(site):
    Heartbeat.objects.all().delete()
    assert wrong() == ["tick never went round: run `manage.py tick --every 10` as a service."]
    Heartbeat.beat("tick", timezone.now() - timedelta(hours=2))
    assert wrong() == ["tick last went round 2 hours ago: run `manage.py tick --every 10` as a service."]
    later_tick()
    assert wrong() == []


def test_a_mail_server_that_is_not_there(site, settings):
    settings.EMAIL_PORT = 9
    assert wrong() == ["The mail server does not take us (ConnectionRefusedError): check EMAIL_URL."]


def test_a_mail_server_that_does_not_take_the_password_and_what_it_says_stays_unsaid(site, mail_server):
    mail_server.password_is_right = False
    assert wrong() == ["The mail server does not take us (SMTPAuthenticationError): check EMAIL_URL."]


def test_no_mail_server(site, settings):
    settings.MAIL_IS_SENT = False
    assert wrong() == ["No mail is sent, so no client has a confirmation: set EMAIL_URL."]


def test_a_mail_that_is_not_sent(site, held):
    mail = Mail.about(held, Mail.Kind.CONFIRMED, "1")
    mail.first_due_at, mail.last_error = timezone.now() - timedelta(minutes=5), "SMTPServerDisconnected"
    mail.save()
    words = "The oldest mail that was not sent became due {} ago. Its last error: SMTPServerDisconnected."
    assert (wrong(), words.format("5 minutes") in doctor()[1]) == ([], True)
    Mail.objects.update(first_due_at=timezone.now() - timedelta(hours=3))
    assert wrong() == [words.format("3 hours")]


# The site itself


def test_time_zone_data_that_is_old_or_not_the_one_installed(site, monkeypatch):
    monkeypatch.setattr(tzdata, "IANA_VERSION", "2019c")
    assert wrong() == ["Time-zone data is of 2019c: install a newer tzdata, clocks have changed since."]
    try:
        zoneinfo.reset_tzpath(to=["/usr/share/zoneinfo"])
        assert wrong() == [
            "Time zones are read from the system's data, which may be older than the one that is installed."
        ]
    finally:
        zoneinfo.reset_tzpath(to=())


def test_a_migration_that_is_not_applied(site):
    newest = MigrationRecorder.Migration.objects.filter(app="payments").latest("id")
    newest.delete()
    try:
        assert wrong() == ["Migrations that were not applied: 1. Run `manage.py migrate`."]
    finally:
        newest.save(force_insert=True)


def test_static_files_that_are_not_collected(site, settings, tmp_path):
    paths = json.loads((tmp_path / "staticfiles.json").read_text())["paths"]
    (tmp_path / "staticfiles.json").write_text(json.dumps({"paths": {name: name for name in list(paths)[1:]}}))
    assert wrong() == ["Static files that were not collected: 1. Run `manage.py collectstatic`."]
    (tmp_path / "staticfiles.json").unlink()
    assert wrong() == [f"Static files that were not collected: {len(paths)}. Run `manage.py collectstatic`."]
    settings.DEBUG = True
    assert wrong() == []


@pytest.mark.parametrize(("address", "said"), [(NOWHERE, "ConnectionError"), ("", "status 404")])
def test_an_address_that_leads_nowhere_or_elsewhere(site, settings, serve, address, said):
    class Elsewhere(Handler):
        def answer(self):
            self.send_response_only(404)
            self.end_headers()

    settings.SITE_URL = address or address_of(serve(Elsewhere))
    advice = "does the site run, and does the name lead to it? If its address is another one, set SITE_URL."
    assert wrong() == [f"SITE_URL is {settings.SITE_URL}, which does not answer from here ({said}): {advice}"]


def test_without_a_database_it_says_so_and_looks_at_the_rest(tmp_path):
    run = manage("doctor", DATABASE_URL=f"sqlite:///{tmp_path / 'no such folder' / 'x.sqlite3'}")
    lines = run.stdout.splitlines()
    names = ("migrations", "last webhook", "last tick", "oldest mail", "settings of the practice", "services")
    assert (run.returncode, "Traceback" in run.stderr) == (1, False)
    assert [line for line in lines if "The database did not answer" in line] == [
        f"WRONG: The database did not answer about the {name} (OperationalError)." for name in names
    ]
    assert f"Time-zone data is of {tzdata.IANA_VERSION}." in lines


def test_it_says_no_secret_and_nobodys_address(site, held, settings, mail_server, another_stripe):
    mail_server.password_is_right = False
    another_stripe(everything=403)
    Mail.about(held, Mail.Kind.CONFIRMED, "1").save()
    said = "\n".join(doctor()[1])
    secrets = [settings.STRIPE_SECRET_KEY, settings.STRIPE_WEBHOOK_SECRET, settings.SECRET_KEY, "mail password"]
    assert [word for word in [*secrets, "jo@example.com", held.reference] if word in said] == []
