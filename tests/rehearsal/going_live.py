"""From the empty machine to a booking that is paid over HTTPS."""

import subprocess

from tests.rehearsal.rehearsal import DOMAIN, NOBODYS, SITE, Rehearsal
from tests.rehearsal.visitors import STRIPE, Visitor, must_be

# What a person would set in an editor.
SETTINGS = {
    "EMAIL_URL": "smtp://127.0.0.1:2525",
    "STRIPE_API_BASE": f"{STRIPE}/stripe-sandbox",
    "REQUESTS_CA_BUNDLE": NOBODYS,
}
SERVICES = ("practice-web", "practice-tick", "practice-backup", "practice-audit")
# systemd's figure for how much harm a service could do, from 0 to 100.
EXPOSURE = 15


def install(rehearsal: Rehearsal) -> None:
    rehearsal.follow("1. Packages, a user, and the code")
    rehearsal.follow("2. Settings")
    for name, text in SETTINGS.items():
        rehearsal.machine.run(f"sed -i '/^{name}=/d' /etc/practice/environment")
        rehearsal.machine.run(f"echo '{name}={text}' >> /etc/practice/environment")
    rehearsal.unread.pop({"PostgreSQL": "SQLite", "SQLite": "PostgreSQL"}[rehearsal.database])
    rehearsal.follow(rehearsal.database)
    rehearsal.follow("4. The first release")
    rehearsal.manage("demo")


def serve(rehearsal: Rehearsal) -> None:
    rehearsal.follow("5. HTTPS")
    rehearsal.machine.run(f"install --mode=644 /etc/practice/tls/fullchain.pem {NOBODYS}")
    rehearsal.follow("6. The log")
    stand_in_for_mail_and_stripe(rehearsal)
    print(rehearsal.follow("7. Is everything in its place?"))


def stand_in_for_mail_and_stripe(rehearsal: Rehearsal) -> None:
    machine = rehearsal.machine
    machine.run("systemd-run --quiet --unit=mail python3 -W ignore -m smtpd -n -c DebuggingServer 127.0.0.1:2525")
    machine.run(
        "systemd-run --quiet --unit=stripe --uid=practice --property=StateDirectory=stripe "
        "--property=EnvironmentFile=/etc/practice/environment --working-directory=$(readlink /srv/practice/current) "
        "env DATABASE_URL=sqlite:////var/lib/stripe/db.sqlite3 DJANGO_SETTINGS_MODULE=tests.rehearsal.stripe_alone "
        "bash -c '.venv/bin/python manage.py migrate --verbosity 0 && "
        f".venv/bin/gunicorn --workers 2 --threads 8 --bind {STRIPE.removeprefix('http://')}'"
    )
    machine.run(f"curl --silent --fail --retry 20 --retry-all-errors --retry-delay 1 {STRIPE}/readyz")


def look_at_the_units(rehearsal: Rehearsal) -> None:
    """systemd finds no mistake in the units, and little that the services may do."""
    rehearsal.machine.run("systemd-analyze verify /etc/systemd/system/practice-*.{service,socket,timer}")
    for service in SERVICES:
        said = rehearsal.machine.run(f"systemd-analyze security --threshold={EXPOSURE} {service}.service")
        print(said.strip().splitlines()[-1])


def try_the_proxy(rehearsal: Rehearsal) -> None:
    visitor = rehearsal.visitor()
    plain = visitor.ask("GET", f"http://{DOMAIN}/?provider=nobody")
    assert (plain.status_code, plain.headers["Location"]) == (301, f"{SITE}/?provider=nobody")
    answer = visitor.ask("GET", "/readyz")
    assert (answer.status_code, answer.text) == (200, "ok\n")
    must_be(visitor.ask("GET", "/", headers={"Host": "evil.example.org"}), 400)
    assert visitor.ask("GET", "/").headers["Strict-Transport-Security"] == "max-age=31536000"
    refuse_what_is_too_large(visitor)
    refuse_a_flood(rehearsal.visitor())
    refuse_a_network(rehearsal)


def refuse_what_is_too_large(visitor: Visitor) -> None:
    for path, kind in (("/", "text/html"), ("/api/appointments", "application/problem+json")):
        body = visitor.ask("POST", path, data="x" * 2_000_000)
        assert (body.status_code, body.headers["Content-Type"]) == (413, kind), body.headers
        headers = visitor.ask("GET", path, headers={"Cookie": "x" * 60_000})
        assert (headers.status_code, headers.headers["Content-Type"]) == (431, kind), headers.headers
        for longer in (4_500, 10_000):
            address = visitor.ask("GET", path + "x" * longer)
            assert (address.status_code, address.headers["Content-Type"]) == (414, kind), address.headers
            assert "That address is too long" in address.text
    assert body.json()["status"] == 413


def refuse_a_flood(visitor: Visitor) -> None:
    """Whoever sends too much is refused, also under another address, and nobody else is."""
    answers = [visitor.ask("GET", "/healthz") for _ in range(300)]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert refused, "300 requests in a row were all answered."
    assert (refused[0].headers["Retry-After"], "Too many requests" in refused[0].text) == ("10", True)
    lies = [visitor.ask("GET", "/healthz", headers={"X-Forwarded-For": f"203.0.113.{n}"}) for n in range(100)]
    assert 429 in {answer.status_code for answer in lies}


def refuse_a_network(rehearsal: Rehearsal) -> None:
    """Whoever sends too much is refused under each address of an IPv6 network, and the network beside is not."""
    told = {}
    for address, times in {"2001:db8::1": 300, "2001:db8:0:0:1::": 30, "2001:db8:0:1::1": 30}.items():
        subprocess.run(["ip", "address", "add", f"{address}/128", "dev", "lo", "nodad"], check=True)
        visitor = rehearsal.visitor(address)
        told[address] = {visitor.ask("GET", "/healthz").status_code for _ in range(times)}
    assert [429 in statuses for statuses in told.values()] == [True, True, False], told


def begin_anew(rehearsal: Rehearsal) -> None:
    """Before Stripe takes payments the database is emptied of appointments, and the practice and its account stay.

    The sandbox that stands alone is Stripe here before and afterwards, so the keys are not changed.
    """
    before, after = rehearsal.visitor(), rehearsal.visitor()
    before.book()
    rehearsal.follow("Take money")
    rehearsal.is_ready()
    assert before.status == ""
    after.book()
    assert after.status == "held"
    assert '"username": "owner"' in rehearsal.manage("dumpdata auth.user")


def book_and_pay(rehearsal: Rehearsal) -> None:
    visitor = rehearsal.visitor()
    visitor.book_and_pay()
    assert visitor.status == "confirmed"
    assert "Nothing is wrong." in rehearsal.manage("audit --stripe")
    assert "The last webhook was heard a moment ago." in rehearsal.manage("doctor")
