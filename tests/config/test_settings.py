"""Start-up: what the environment may say, and the sentence that stops a start where it may not."""

import json
from email.header import decode_header, make_header
from email.utils import parseaddr

import pytest
from django.conf import settings
from django.core.mail import EmailMessage

from tests.config.starting import PRODUCTION, ROUTES, SETTINGS, production, refusal, routes, start_prepared, starts

DEMO = {**PRODUCTION, "STRIPE_SECRET_KEY": "", "STRIPE_WEBHOOK_SECRET": "", "STRIPE_SANDBOX": "1"}


# With nothing set


def test_with_nothing_set_it_is_a_development_site_with_the_sandbox():
    names = ["DEBUG", "SITE_URL", "STRIPE_SANDBOX", "STRIPE_SECRET_KEY", "STRIPE_API_BASE", "STRIPE_LIVEMODE"]
    names += ["PRACTICE_NAME", "PRACTICE_COLOUR", "CURRENCY", "TIME_ZONE"]
    names += ["HOLD_MINUTES", "CHECKOUT_MINUTES", "SLOT_STEP_MINUTES", "STRIPE_DASHBOARD"]
    said = starts(*names)
    assert "stripe-sandbox/" in routes()
    assert said == {
        "DEBUG": True,
        "SITE_URL": "http://127.0.0.1:8000",
        "STRIPE_SANDBOX": True,
        "STRIPE_SECRET_KEY": "sk_test_sandbox",
        "STRIPE_API_BASE": "http://127.0.0.1:8000/stripe-sandbox",
        "STRIPE_LIVEMODE": False,
        "STRIPE_DASHBOARD": "",
        "PRACTICE_NAME": "Linden House Practice",
        "PRACTICE_COLOUR": "#1f5c4d",
        "CURRENCY": "eur",
        "TIME_ZONE": "Europe/Dublin",
        "HOLD_MINUTES": 15,
        "CHECKOUT_MINUTES": 35,
        "SLOT_STEP_MINUTES": 15,
    }


def test_while_debug_is_on_only_loopback_names_are_served_whatever_is_asked_for():
    said = starts("ALLOWED_HOSTS", ALLOWED_HOSTS="*,book.example.com")
    assert said["ALLOWED_HOSTS"] == ["127.0.0.1", "localhost", ".localhost", "[::1]"]


@pytest.mark.parametrize("value", ["off", "0", "", "maybe"])
def test_anything_but_a_clear_yes_turns_debug_off(value):
    assert refusal(DEBUG=value) == "SECRET_KEY is required when DEBUG is off. Set it in the environment."


# A production site


def test_a_production_site_starts_without_the_sandbox():
    names = ["DEBUG", "ALLOWED_HOSTS", "SECURE_SSL_REDIRECT", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE"]
    names += ["SECURE_HSTS_SECONDS", "SECURE_HSTS_INCLUDE_SUBDOMAINS", "STRIPE_LIVEMODE", "STRIPE_API_BASE"]
    said = starts(*names, "SECURE_PROXY_SSL_HEADER", **PRODUCTION)
    assert "stripe-sandbox/" not in routes(**PRODUCTION)
    assert said == {
        "DEBUG": False,
        "ALLOWED_HOSTS": ["book.example.com"],
        "SECURE_SSL_REDIRECT": True,
        "SESSION_COOKIE_SECURE": True,
        "CSRF_COOKIE_SECURE": True,
        "SECURE_HSTS_SECONDS": 31_536_000,
        "SECURE_HSTS_INCLUDE_SUBDOMAINS": False,
        "STRIPE_LIVEMODE": True,
        "STRIPE_API_BASE": "https://api.stripe.com",
        "SECURE_PROXY_SSL_HEADER": None,
    }


@pytest.mark.parametrize("name", ["SECRET_KEY", "ALLOWED_HOSTS", "SITE_URL"])
@pytest.mark.parametrize("value", [None, ""], ids=["unset", "empty"])
def test_with_debug_off_a_site_must_be_told_who_it_is(name, value):
    sentence = f"{name} is required when DEBUG is off. Set it in the environment."
    assert refusal(**production(**{name: value})) == sentence


def test_several_hosts_are_separated_by_commas():
    said = starts("ALLOWED_HOSTS", **production(ALLOWED_HOSTS="book.example.com, www.example.com,"))
    assert said["ALLOWED_HOSTS"] == ["book.example.com", "www.example.com"]


def test_the_forwarded_protocol_is_believed_only_where_told():
    said = starts("SECURE_PROXY_SSL_HEADER", **production(TRUST_X_FORWARDED_PROTO="1"))
    assert said["SECURE_PROXY_SSL_HEADER"] == ["HTTP_X_FORWARDED_PROTO", "https"]


# The site's address


@pytest.mark.parametrize(
    "url",
    ["http://book.example.com", "http://192.168.1.10:8000", "ftp://book.example.com", "book.example.com", "https://"],
)
def test_a_site_that_is_not_https_or_loopback_is_refused(url):
    sentence = f"SITE_URL must be an https address (plain http is for loopback only), not {url.rstrip('/')!r}."
    assert refusal(**production(SITE_URL=url)) == sentence


@pytest.mark.parametrize("url", ["https://book.example.com/clinic", "https://book.example.com?x=1"])
def test_a_site_below_a_path_is_refused(url):
    assert refusal(**production(SITE_URL=url)) == (f"SITE_URL must be a scheme and a host without a path, not {url!r}.")


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8000", "http://localhost:9000", "http://[::1]:8000", "http://127.0.0.2"]
)
def test_plain_http_is_allowed_for_loopback_and_asks_for_no_https(url):
    names = ["SITE_URL", "SECURE_SSL_REDIRECT", "SESSION_COOKIE_SECURE", "SECURE_HSTS_SECONDS"]
    said = starts(*names, **production(SITE_URL=url))
    assert [said[name] for name in names] == [url, False, False, 0]


def test_a_slash_at_the_end_of_the_address_is_forgiven():
    assert starts("SITE_URL", **production(SITE_URL="https://book.example.com/"))["SITE_URL"] == PRODUCTION["SITE_URL"]


# International names


INTERNATIONAL = {"ALLOWED_HOSTS": "приём.рф, .Приём.рф", "SITE_URL": "https://Приём.рф"}


def test_an_international_name_is_written_as_browsers_and_headers_write_it():
    changes = {"STRIPE_CHECKOUT_ORIGIN": "https://оплата.рф", "PRACTICE_EMAIL": "jo@приём.рф"}
    names = ["SITE_URL", "ALLOWED_HOSTS", "CSRF_TRUSTED_ORIGINS", "STRIPE_CHECKOUT_ORIGIN", "EMAIL_HOST", "EMAIL_FROM"]
    mail = "smtp+tls://me:pw@почта.рф:587"
    said = starts(*names, "PRACTICE_EMAIL", **production(**INTERNATIONAL, **changes, EMAIL_URL=mail))
    assert said == {
        "SITE_URL": "https://xn--h1aihe0g.xn--p1ai",
        "ALLOWED_HOSTS": ["xn--h1aihe0g.xn--p1ai", ".xn--h1aihe0g.xn--p1ai"],
        "CSRF_TRUSTED_ORIGINS": ["https://xn--h1aihe0g.xn--p1ai"],
        "STRIPE_CHECKOUT_ORIGIN": "https://xn--80aa5alfu.xn--p1ai",
        "EMAIL_HOST": "xn--80a1acny.xn--p1ai",
        "EMAIL_FROM": "appointments@xn--h1aihe0g.xn--p1ai",
        "PRACTICE_EMAIL": "jo@xn--h1aihe0g.xn--p1ai",
    }


def test_a_stripe_at_an_international_name_keeps_its_port_and_path():
    changes = {"STRIPE_SECRET_KEY": "sk_test_x", "STRIPE_API_BASE": "http://Заглушка.рф:12111/api/"}
    assert starts("STRIPE_API_BASE", **production(**changes)) == {
        "STRIPE_API_BASE": "http://xn--80aaiorf0dyb.xn--p1ai:12111/api"
    }


def test_capitals_in_the_address_are_small_as_in_what_browsers_send():
    said = starts("SITE_URL", "CSRF_TRUSTED_ORIGINS", **production(SITE_URL="https://Book.Example.com"))
    assert said == {"SITE_URL": "https://book.example.com", "CSRF_TRUSTED_ORIGINS": ["https://book.example.com"]}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SITE_URL", "https://приём..рф"),
        ("SITE_URL", "https://при\u202eём.рф"),
        ("SITE_URL", "https://book\u2100.example.com"),
        ("SITE_URL", "https://book.example.com;script-src"),
        ("SITE_URL", "https://book.example.com 'unsafe-inline'"),
        ("STRIPE_CHECKOUT_ORIGIN", "https://оплата .рф"),
        ("STRIPE_API_BASE", "https://[стрипе]"),
        ("ALLOWED_HOSTS", "приём..рф"),
        ("ALLOWED_HOSTS", "https://book.example.com"),
        ("ALLOWED_HOSTS", "book.example.com:8000"),
        ("EMAIL_URL", "smtp://me:pw@почта..рф:587"),
    ],
)
def test_a_host_that_is_none_stops_the_start(name, value):
    """Without this check, the site would start, and then answer 400 to everything or send a wrong header."""
    assert refusal(**production(**{name: value})).startswith(name)


# Stripe


def test_without_a_key_and_with_debug_off_a_public_demo_must_be_meant():
    assert refusal(**production(STRIPE_SECRET_KEY=None)) == (
        "STRIPE_SECRET_KEY is required when DEBUG is off. For a public demo where no money moves, set STRIPE_SANDBOX=1."
    )


def test_a_public_demo_has_keys_that_only_its_secret_key_tells():
    names = ["STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET"]
    one, same = starts(*names, **DEMO), starts(*names, **DEMO)
    other = starts(*names, **{**DEMO, "SECRET_KEY": "another secret for tests"})
    assert one == same
    assert "stripe-sandbox/" in routes(**DEMO)
    assert [one[name][:8] for name in names] == ["sk_test_", "whsec_" + one["STRIPE_WEBHOOK_SECRET"][6:8]]
    assert {one[name] for name in names} & {other[name] for name in names} == set()
    assert one["STRIPE_SECRET_KEY"] != "sk_test_sandbox"


def test_a_demo_and_a_key_exclude_each_other():
    sentence = "STRIPE_SANDBOX=1 and STRIPE_SECRET_KEY exclude each other: unset one of them."
    assert refusal(**production(STRIPE_SANDBOX="1")) == sentence


def test_a_key_without_a_webhook_secret_is_refused_with_debug_off():
    sentence = "STRIPE_WEBHOOK_SECRET is required with STRIPE_SECRET_KEY when DEBUG is off."
    assert refusal(**production(STRIPE_WEBHOOK_SECRET=None)) == sentence


def test_a_key_without_a_webhook_secret_is_a_warning_with_debug_on():
    process = start_prepared(SETTINGS, "STRIPE_SECRET_KEY", STRIPE_SECRET_KEY="sk_test_x")
    assert (process.returncode, json.loads(process.stdout)["STRIPE_SECRET_KEY"]) == (0, "sk_test_x")
    assert "STRIPE_WEBHOOK_SECRET is not set" in process.stderr


def test_a_test_key_with_debug_on_is_fine_and_turns_the_sandbox_off():
    environment = {"STRIPE_SECRET_KEY": "sk_test_x", "STRIPE_WEBHOOK_SECRET": "whsec_x"}
    said = starts("STRIPE_SANDBOX", "STRIPE_API_BASE", "INSTALLED_APPS", **environment)
    assert (said["STRIPE_SANDBOX"], said["STRIPE_API_BASE"]) == (False, "https://api.stripe.com")
    assert "stripe-sandbox/" not in routes(**environment)
    assert "payments.sandbox" not in said["INSTALLED_APPS"]


@pytest.mark.parametrize("key", ["sk_live_x", "rk_live_x"])
def test_a_live_key_with_debug_on_is_refused(key):
    assert refusal(STRIPE_SECRET_KEY=key, STRIPE_WEBHOOK_SECRET="whsec_x") == (
        "A live Stripe key needs DEBUG=off: error pages would show real payments."
    )


@pytest.mark.parametrize(("key", "dashboard"), [("sk_live_x", ""), ("sk_test_x", "test/")])
def test_payments_are_looked_up_in_the_dashboard_of_their_mode(key, dashboard):
    said = starts("STRIPE_DASHBOARD", **production(STRIPE_SECRET_KEY=key))
    assert said["STRIPE_DASHBOARD"] == f"https://dashboard.stripe.com/{dashboard}"


def test_a_restricted_live_key_is_live():
    assert starts("STRIPE_LIVEMODE", **production(STRIPE_SECRET_KEY="rk_live_x"))["STRIPE_LIVEMODE"] is True


def test_what_is_no_stripe_key_is_refused_without_repeating_it():
    sentence = refusal(**production(STRIPE_SECRET_KEY="hunter2"))
    assert sentence == "STRIPE_SECRET_KEY starts with sk_test_ or rk_test_ (or _live_)."
    assert "hunter2" not in start_prepared(ROUTES, **production(STRIPE_SECRET_KEY="hunter2")).stderr


@pytest.mark.parametrize(("secret", "publishable"), [("sk_live_x", "pk_test_x"), ("sk_test_x", "pk_live_x")])
def test_keys_of_different_modes_are_refused(secret, publishable):
    assert refusal(**production(STRIPE_SECRET_KEY=secret, STRIPE_PUBLISHABLE_KEY=publishable)) == (
        "STRIPE_PUBLISHABLE_KEY and STRIPE_SECRET_KEY are of different modes (test and live)."
    )


def test_keys_of_one_mode_are_fine():
    said = starts("STRIPE_LIVEMODE", **production(STRIPE_PUBLISHABLE_KEY="pk_live_x"))
    assert said["STRIPE_LIVEMODE"] is True


@pytest.mark.parametrize("url", ["http://stripe.example.com", "stripe.example.com"])
def test_stripes_api_is_not_asked_over_plain_http(url):
    sentence = f"STRIPE_API_BASE must be an https address (plain http is for loopback only), not {url!r}."
    assert refusal(**production(STRIPE_API_BASE=url)) == sentence


def test_any_server_that_speaks_stripes_api_may_be_asked():
    said = starts(
        "STRIPE_API_BASE", "CONTENT_SECURITY_POLICY", **production(STRIPE_API_BASE="http://127.0.0.1:12111/v/")
    )
    assert said["STRIPE_API_BASE"] == "http://127.0.0.1:12111/v"
    assert "http://127.0.0.1:12111" in said["CONTENT_SECURITY_POLICY"]["DIRECTIVES"]["form-action"]


# Who may show the booking page in a frame


def test_sites_that_may_show_a_frame_are_named_with_their_scheme():
    said = starts(
        "EMBED_ON", "CONTENT_SECURITY_POLICY", **production(EMBED_ON="https://oak.example/, http://localhost:81,")
    )
    assert said["EMBED_ON"] == ["https://oak.example", "http://localhost:81"]
    assert said["CONTENT_SECURITY_POLICY"]["DIRECTIVES"]["frame-ancestors"] == ["'none'"]


@pytest.mark.parametrize("wrong", ["*", "http://oak.example", "oak.example", "https://*.oak.example", "https://a; x"])
def test_not_everybody_may_show_a_frame(wrong):
    sentence = f"EMBED_ON must be an https address (plain http is for loopback only), not {wrong!r}."
    assert refusal(**production(EMBED_ON=f"https://elm.example, {wrong}")) == sentence


@pytest.mark.parametrize("wrong", ["https://oak.example/book", "https://oak.example//", "https://oak.example?a=b"])
def test_a_site_that_may_show_a_frame_has_no_path(wrong):
    sentence = f"EMBED_ON must be addresses like https://www.example.org, without a path, not {wrong!r}."
    assert refusal(**production(EMBED_ON=wrong)) == sentence


# The practice


def test_a_practice_names_itself_its_zone_and_its_currency():
    said = starts(
        "PRACTICE_NAME", "TIME_ZONE", "CURRENCY", PRACTICE_NAME="Oak", TIME_ZONE="Asia/Kolkata", CURRENCY="JPY"
    )
    assert (said["PRACTICE_NAME"], said["TIME_ZONE"], said["CURRENCY"]) == ("Oak", "Asia/Kolkata", "jpy")


def test_a_time_zone_that_is_none_is_refused():
    assert refusal(TIME_ZONE="Dublin") == "TIME_ZONE must be a name like Europe/Dublin, not 'Dublin'."


@pytest.mark.parametrize("colour", ["#ffd400", "#FFD400"])
def test_a_practice_has_a_colour_of_its_own(colour):
    assert starts("PRACTICE_COLOUR", PRACTICE_COLOUR=colour)["PRACTICE_COLOUR"] == colour


@pytest.mark.parametrize("wrong", ["", "teal", "#fd4", "ffd400", "#ffd40g", "#ffd400ff", "#ffd400\n"])
def test_what_is_no_colour_is_refused(wrong):
    assert refusal(PRACTICE_COLOUR=wrong) == f"PRACTICE_COLOUR must be a colour like #1f5c4d, not {wrong!r}."


def test_a_currency_that_we_cannot_count_in_is_refused_with_those_that_we_can():
    sentence = refusal(CURRENCY="xyz")
    assert sentence.startswith("CURRENCY must be one of aud, cad, chf, ") is True
    assert sentence.endswith("usd, not 'xyz'.") is True


@pytest.mark.parametrize(
    ("name", "least", "most"),
    [
        ("HOLD_MINUTES", 1, 1440),
        ("CHECKOUT_MINUTES", 31, 1439),
        ("SLOT_STEP_MINUTES", 5, 720),
        ("NOTICE_MINUTES", 0, 43200),
        ("HORIZON_DAYS", 1, 366),
    ],
)
def test_numbers_are_within_what_works(name, least, most):
    for wrong in (str(least - 1), str(most + 1)):
        sentence = f"{name} must be a whole number from {least} to {most}, not {wrong!r}."
        assert refusal(**{name: wrong}) == sentence
    assert starts(name, **{name: str(least)})[name] == least


@pytest.mark.parametrize("wrong", ["", "1.5", "ten", "١٥"])
def test_numbers_are_whole_and_in_digits(wrong):
    assert refusal(HOLD_MINUTES=wrong) == f"HOLD_MINUTES must be a whole number from 1 to 1440, not {wrong!r}."


@pytest.mark.parametrize("mark", ["\n", "\r", "\u2028", "\x1b", "\u202e"])
def test_a_practices_name_is_one_line(mark):
    """The name stands in the headers of mails, where a line break could begin another header."""
    wrong = f"Oak{mark}Bcc: all@example.org"
    assert refusal(PRACTICE_NAME=wrong) == f"PRACTICE_NAME must be one line without control characters, not {wrong!r}."


@pytest.mark.parametrize("empty", ["", " "])
def test_a_practice_has_a_name(empty):
    sentence = "PRACTICE_NAME must not be empty. Without it, it is 'Linden House Practice'."
    assert refusal(PRACTICE_NAME=empty) == sentence
    assert starts("TAX_LINE", TAX_LINE=empty) == {"TAX_LINE": empty}


@pytest.mark.parametrize(
    ("name", "most"),
    [
        ("PRACTICE_NAME", "x" * 200),
        ("TAX_LINE", "x" * 200),
        (
            "CANCELLATION_POLICY",
            ", ".join(f"{150 - step if step < 4 else 50 - step}h {50 - step}%" for step in range(22)),
        ),
    ],
)
def test_what_can_be_set_at_the_desk_is_no_longer_than_it_could_be_typed_there(name, most):
    """An appointment's policy stands in a column of that length, so a longer one would keep everybody from booking."""
    assert (len(most), starts(name, **{name: most})[name]) == (200, most)
    assert refusal(**{name: f"{most} "}) == f"{name} must have at most 200 characters, not 201."


@pytest.mark.parametrize(("notice", "horizon"), [("1440", "1"), ("43200", "30"), ("2880", "1")])
def test_a_notice_as_long_as_the_horizon_is_refused(notice, horizon):
    assert refusal(**production(NOTICE_MINUTES=notice, HORIZON_DAYS=horizon)) == (
        f"NOTICE_MINUTES must be shorter than HORIZON_DAYS: with {notice} minutes and {horizon} days no time could be "
        "booked."
    )


def test_a_notice_a_minute_shorter_than_the_horizon_is_fine():
    assert starts("NOTICE_MINUTES", NOTICE_MINUTES="1439", HORIZON_DAYS="1") == {"NOTICE_MINUTES": 1439}


# Mail

MAIL = ["EMAIL_BACKEND", "MAIL_IS_SENT", "MAILBOX"]


def test_in_development_mails_are_files_and_have_a_page():
    said = starts(*MAIL, "EMAIL_FILE_PATH")
    assert "mail/" in routes()
    assert said == {
        "EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend",
        "EMAIL_FILE_PATH": str(settings.BASE_DIR / "mail"),
        "MAIL_IS_SENT": True,
        "MAILBOX": True,
    }


def test_in_development_mails_may_go_out_and_then_there_is_no_mailbox():
    environment = {"EMAIL_URL": "smtp://127.0.0.1:1025"}
    said = starts(*MAIL, **environment)
    assert "mail/" not in routes(**environment)
    assert [said[name] for name in MAIL] == ["django.core.mail.backends.smtp.EmailBackend", True, False]


def test_in_production_mails_go_to_the_server_named_and_there_is_no_mailbox():
    names = ["EMAIL_HOST", "EMAIL_PORT", "EMAIL_HOST_USER", "EMAIL_HOST_PASSWORD", "EMAIL_USE_TLS", "EMAIL_TIMEOUT"]
    said = starts(*MAIL, *names, **PRODUCTION)
    assert "mail/" not in routes(**PRODUCTION)
    assert [said[name] for name in MAIL] == ["django.core.mail.backends.smtp.EmailBackend", True, False]
    assert [said[name] for name in names] == ["smtp.example.com", 587, "me", "pw", True, 20]


def test_mails_in_files_have_no_page_in_production():
    environment = production(EMAIL_URL="filemail:////var/spool/practice")
    assert ("mail/" in routes(**environment), starts(*MAIL, **environment)["MAILBOX"]) == (False, False)


def test_without_a_mail_server_a_production_site_starts_sends_nothing_and_says_so_once():
    environment = production(EMAIL_URL=None)
    process = start_prepared(SETTINGS, *MAIL, **environment)
    said = json.loads(process.stdout)
    assert [said[name] for name in MAIL] == ["django.core.mail.backends.dummy.EmailBackend", False, False]
    assert "mail/" not in start_prepared(ROUTES, **environment).stdout.split()
    assert process.stderr.count("UserWarning: EMAIL_URL is not set: no mail is sent.") == 1


def test_who_asks_for_no_mail_is_not_warned():
    assert starts("MAIL_IS_SENT", **production(EMAIL_URL="dummymail://"))["MAIL_IS_SENT"] is False


@pytest.mark.parametrize("wrong", ["smtp.example.org", "imap://me:hunter2@example.org", "smtp://me:hunter2@host:port"])
def test_what_is_no_mail_server_is_refused_without_repeating_it(wrong):
    process = start_prepared(ROUTES, **production(EMAIL_URL=wrong))
    assert process.stderr.splitlines()[-1].endswith(
        ": EMAIL_URL must be an address like smtp+tls://user:password@smtp.example.org:587."
    )
    assert "hunter2" not in process.stderr


SENDERS = ["EMAIL_FROM", "SERVER_EMAIL", "PRACTICE_EMAIL"]


@pytest.mark.parametrize(
    ("environment", "sender"),
    [({}, "appointments@localhost"), (PRODUCTION, "appointments@book.example.com")],
    ids=["development", "production"],
)
def test_mails_come_from_the_sites_own_host(environment, sender):
    said = starts(*SENDERS, **environment)
    assert [said[name] for name in SENDERS] == [sender, sender, ""]


def test_a_practice_names_the_addresses_it_writes_from_and_reads_at():
    said = starts(*SENDERS, EMAIL_FROM="hello@oak.example", PRACTICE_EMAIL="desk@oak.example")
    assert [said[name] for name in SENDERS] == ["hello@oak.example", "hello@oak.example", "desk@oak.example"]


@pytest.mark.parametrize(
    ("name", "sender"),
    [
        ("Oak Practice", "Oak Practice <appointments@localhost>"),
        ("Oak, Ash & Elm", '"Oak, Ash & Elm" <appointments@localhost>'),
        ("Zoë", "Zoë <appointments@localhost>"),
    ],
)
def test_mail_comes_under_the_practices_name(name, sender):
    assert starts("DEFAULT_FROM_EMAIL", PRACTICE_NAME=name)["DEFAULT_FROM_EMAIL"] == sender
    mail = EmailMessage("Hello", "", sender, ["jo@example.com"]).message()
    assert parseaddr(str(make_header(decode_header(str(mail["From"]))))) == (name, "appointments@localhost")


@pytest.mark.parametrize("wrong", ["call us", "12", "+353 1 555 0100 or 0101", "1" * 40])
def test_what_is_no_telephone_number_is_refused(wrong):
    assert refusal(PRACTICE_PHONE=wrong) == f"PRACTICE_PHONE must be a number like +353 1 555 0100, not {wrong!r}."


@pytest.mark.parametrize("name", ["EMAIL_FROM", "PRACTICE_EMAIL"])
@pytest.mark.parametrize(
    "wrong", ["oak", "a@oak.example, b@oak.example", "Oak <a@oak.example>", "a@oak.example\nBcc: b@c.d"]
)
def test_what_is_not_one_address_is_refused(name, wrong):
    assert refusal(**{name: wrong}) == f"{name} must be one email address, like name@example.org, not {wrong!r}."


# The database


def test_a_database_other_than_the_two_is_refused():
    assert (
        refusal(DATABASE_URL="mysql://u:p@127.0.0.1/x") == "DATABASE_URL must be a sqlite:/// or postgres:// address."
    )


def test_sqlite_takes_its_write_lock_when_a_transaction_begins():
    options = starts("DATABASES", DATABASE_URL="sqlite:////somewhere/x.sqlite3")["DATABASES"]["default"]["OPTIONS"]
    assert (options["transaction_mode"], options["timeout"]) == ("IMMEDIATE", 20)
    assert "journal_mode=WAL" in options["init_command"]


def test_postgres_has_a_pool_gives_up_on_a_lock_and_writes_dates_as_iso():
    database = starts("DATABASES", DATABASE_URL="postgres://me:pw@db.example.com:6432/book")["DATABASES"]["default"]
    assert [database[name] for name in ("USER", "PASSWORD", "HOST", "NAME")] == ["me", "pw", "db.example.com", "book"]
    assert database["OPTIONS"]["pool"]["max_size"] == 8
    assert database["OPTIONS"]["options"].startswith("-c lock_timeout=5s -c DateStyle=ISO ")
    assert database.get("CONN_MAX_AGE", 0) == 0


def test_postgres_and_the_site_soon_give_each_other_up_when_the_way_between_them_is_cut():
    """`make machines` cuts it. Here neither is left to the operating system, which would wait much longer."""
    options = starts("DATABASES", DATABASE_URL="postgres://me@db.example.com/book")["DATABASES"]["default"]["OPTIONS"]
    assert (options["connect_timeout"], options["tcp_user_timeout"], options["keepalives_idle"]) == (5, 10_000, 4)
    assert options["options"].endswith(
        " -c tcp_keepalives_idle=4 -c tcp_keepalives_interval=3 -c tcp_keepalives_count=2 -c tcp_user_timeout=10000"
    )


def test_requests_are_never_one_transaction():
    for url in ("sqlite:////somewhere/x.sqlite3", "postgres://me@db.example.com/book"):
        assert starts("DATABASES", DATABASE_URL=url)["DATABASES"]["default"].get("ATOMIC_REQUESTS", False) is False


# Corners


@pytest.mark.parametrize("secret", ["$k3y-that-begins-with-a-dollar", "$PATH"])
def test_a_secret_key_may_begin_with_a_dollar(secret):
    assert starts("SECRET_KEY", **production(SECRET_KEY=secret))["SECRET_KEY"] == secret


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("ALLOWED_HOSTS", ","),
        ("STRIPE_SECRET_KEY", "pk_live_x"),
        ("STRIPE_PUBLISHABLE_KEY", "sk_live_y"),
        ("SITE_URL", "https://user:password@book.example.com"),
        ("DATABASE_URL", "rubbish"),
    ],
)
def test_what_cannot_work_is_refused_by_its_name(name, wrong):
    assert name in refusal(**production(**{name: wrong}))
