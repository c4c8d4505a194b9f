"""A mail says the same as text and as HTML, on its reader's clock; it links to its appointment and fetches nothing."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest

from payments.forms import RefundForm
from tests.booking.mail.reading import AT, Words, calendar_of, each_kind, html_of, received, text_of
from tests.factories import make_appointment

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("six_days_before")]


@each_kind
def test_text_and_html_say_the_same(appointment, kind, reader, facts):
    message = received(appointment, kind, reader, **facts)
    said = set(Words(html_of(message)).found)
    lines = {line for line in text_of(message).splitlines() if line}
    named = {line for line in lines if re.match(r"(When|That is|Where|With|For|Price|Paid online|Client): ", line)}
    told = {part for line in named for part in line.split(": ", 1)}
    assert {line.removesuffix(":") for line in lines - named} | told == said


@each_kind
def test_its_head_is_what_mail_programs_expect(appointment, kind, reader, facts):
    message = received(appointment, kind, reader, **facts)
    to, reply = ("jo@example.com", "desk@practice.example") if reader == "client" else ("desk@practice.example", None)
    assert (message["To"], message["Reply-To"]) == (to, reply)
    assert message["Auto-Submitted"] == "auto-generated"
    assert re.fullmatch(r"<[\w-]{22}@practice\.example>", message["Message-ID"])
    assert len(message["Subject"]) < 90


@each_kind
def test_it_links_to_the_appointment_and_if_it_is_about_money_to_the_receipt(appointment, kind, reader, facts):
    links = Words(html_of(received(appointment, kind, reader, **facts))).links
    client, staff = f"/appointments/{appointment.reference}/", f"/staff/appointments/{appointment.pk}/"
    receipt = f"/payments/{appointment.reference}/receipt/"
    expected = [client] if reader == "client" else [staff]
    if reader == "client" and kind in ("confirmed", "cancelled", "returned"):
        expected.append(receipt)
    assert links == [f"https://practice.example{path}" for path in expected]


def test_a_mail_of_what_costs_nothing_has_no_receipt(appointment):
    appointment.price = 0
    appointment.save()
    links = Words(html_of(received(appointment, "confirmed", "client"))).links
    assert links == [f"https://practice.example/appointments/{appointment.reference}/"]


@each_kind
def test_html_brings_its_style_and_fetches_nothing(appointment, kind, reader, facts):
    html = html_of(received(appointment, kind, reader, **facts))
    assert (html.count("<style>"), re.findall(r"\b(style=|src=|url\(|<script|@import)", html)) == (1, [])


@pytest.mark.parametrize("reader", ["client", "practice"])
def test_a_mail_says_who_comes_if_it_is_somebody_else(appointment, reader):
    appointment.for_whom = "Mia Malone"
    assert "Who comes: Mia Malone" in text_of(received(appointment, reader=reader)).splitlines()


def test_a_confirmation_says_when_where_the_client_is_and_where_the_provider_is(appointment):
    appointment.client_time_zone = "Asia/Tokyo"
    message = received(appointment)
    assert message["Subject"] == "Confirmed: Tuesday 1 December 2026, 18:00"
    lines = text_of(message).splitlines()
    assert "When: Tuesday 1 December 2026, 18:00–18:50, Tokyo time (UTC+9)" in lines
    assert "That is: Tuesday 1 December 2026, 10:00 Madrid time (UTC+1)" in lines
    assert "With: Marta Ruiz" in lines
    assert "For: Consultation, 50 minutes" in lines
    assert "Price: €60.00" in lines
    assert "Your appointment is confirmed and paid. We look forward to seeing you." in lines


@pytest.mark.parametrize(
    ("hours_before", "words"),
    [
        (
            72,
            (
                "If you cancel, €60.00 comes back until Sunday 29 November 2026, 10:00; "
                "€30.00 comes back until Monday 30 November 2026, 10:00; and nothing after that."
            ),
        ),
        (30, "If you cancel, €30.00 comes back until Monday 30 November 2026, 10:00; and nothing after that."),
        (2, "If you cancel, nothing comes back, as the time is so soon."),
    ],
)
def test_it_says_what_cancelling_returns_from_now_on(appointment, time_machine, hours_before, words):
    time_machine.move_to(AT - timedelta(hours=hours_before), tick=False)
    assert words in text_of(received(appointment)).splitlines()


def test_it_says_why_nothing_comes_back_whenever_that_is(appointment):
    appointment.cancellation_policy = ""
    words = "If you cancel, nothing comes back, as this practice returns nothing when a paid appointment is cancelled."
    assert words in text_of(received(appointment)).splitlines()


def test_what_was_free_returns_nothing_and_does_not_speak_of_it(appointment):
    appointment.price = Decimal(0)
    assert "comes back" not in text_of(received(appointment))


def test_it_says_where_it_is_and_whom_to_call(appointment, settings):
    settings.PRACTICE_PHONE = "+353 1 555 0100"
    appointment.provider.place = "12 Linden Road, Dublin 6"
    message = received(appointment)
    lines = [line for line in text_of(message).splitlines() if line]
    assert ("Where: 12 Linden Road, Dublin 6" in lines, lines[-2:]) == (
        True,
        ["Linden House Practice", "+353 1 555 0100"],
    )
    assert calendar_of(message)[1].vevent.location.value == "12 Linden Road, Dublin 6"


def test_in_the_same_zone_it_is_said_once(appointment):
    text = text_of(received(appointment))
    assert "When: Tuesday 1 December 2026, 10:00–10:50, Madrid time (UTC+1)" in text
    assert "That is" not in text


def test_a_move_names_both_times(appointment):
    message = received(appointment, "changed", was="2026-11-30T09:00:00+00:00")
    assert message["Subject"] == "New time: Tuesday 1 December 2026, 10:00"
    assert (
        "It was Monday 30 November 2026, 10:00 Madrid time (UTC+1) before; everything else stays as it is."
        in text_of(message)
    )


@pytest.mark.parametrize(
    ("due", "words"),
    [
        ("60.00", "All €60.00 you paid online goes back to you. We write again when that is done."),
        ("30.00", "€30.00 of the €60.00 you paid goes back to you. We write again when that is done."),
        ("0.00", "Nothing comes back of the €60.00 you paid."),
    ],
)
def test_a_cancellation_says_what_comes_back(appointment, due, words):
    appointment.cancel(Decimal(due))
    assert words in text_of(received(appointment, "cancelled"))


def test_cancelling_what_was_free_speaks_of_no_money(appointment):
    appointment.price = Decimal(0)
    appointment.cancel()
    assert re.findall("€|paid|back", text_of(received(appointment, "cancelled"))) == []


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("cancelled", "This is for the appointment that was cancelled."),
        ("time gone", "Your payment arrived after the time had been given back, so you have no appointment"),
        (
            "paid twice",
            "The payment was for something that had been paid already, in full or in part, so it is yours again.",
        ),
        ("staff", "The practice has returned money that you paid for this appointment."),
        ("by hand", "We have returned €60.00 to you. Ask the practice if you have not got it."),
    ],
)
def test_money_returned_says_why(appointment, reason, words):
    message = received(appointment, "returned", amount="60.00", currency="eur", reason=reason)
    assert (message["Subject"], words in text_of(message)) == ("€60.00 was returned to you", True)


def test_money_is_written_as_the_reader_of_the_mail_writes_it(appointment, settings):
    settings.LANGUAGES = [("en-ie", "English"), ("fr-fr", "Français")]
    appointment.language = "fr"
    message = received(appointment, "returned", amount="60.00", currency="eur", reason="staff")
    assert message["Subject"].startswith("60,00")


def test_what_an_earlier_release_owed_is_written_as_it_was_kept(appointment):
    message = received(appointment, "returned", amount="€60.00", reason="staff")
    assert message["Subject"] == "€60.00 was returned to you"


def test_the_practice_reads_the_very_words_that_the_desk_shows(appointment):
    text = " ".join(text_of(received(appointment, "not returned", "practice", amount="60.00", currency="eur")).split())
    [*_, (_, by_hand)] = RefundForm.base_fields["reason"].choices
    assert f"press “Return money”, and choose “{by_hand}”." in text


def test_the_practice_learns_who_comes_and_not_the_note(appointment):
    appointment.client_name, appointment.note = "Jo Byrne", "Left knee"
    text = text_of(received(appointment, reader="practice"))
    assert "Client: Jo Byrne jo@example.com" in text
    assert "Left knee" not in text


def test_the_links_of_all_that_is_coming_are_in_one_mail_each_on_its_own_clock(appointment):
    facts = {"provider": appointment.provider, "status": "confirmed"}
    later = make_appointment(at=AT + timedelta(days=7), client_time_zone="Asia/Tokyo", email="JO@example.com", **facts)
    make_appointment(at=AT + timedelta(days=8), email="jo+knee@example.com", **facts)
    make_appointment(at=AT - timedelta(days=30), **facts)
    make_appointment(at=AT + timedelta(days=9), provider=appointment.provider, status="cancelled")
    message = received(appointment, "links")
    pages = [f"https://practice.example/appointments/{one.reference}/" for one in (appointment, later)]
    named = [
        "Tuesday 1 December 2026, 10:00 Madrid time (UTC+1), Marta Ruiz",
        "Tuesday 8 December 2026, 18:00 Tokyo time (UTC+9), Marta Ruiz",
    ]
    assert Words(html_of(message)).links == pages
    lines = text_of(message).splitlines()
    assert [line.removesuffix(":") for line in lines if line.removesuffix(":") in [*named, *pages]] == [
        *(line for pair in zip(named, pages, strict=True) for line in pair)
    ]


def test_names_in_any_script_and_with_markup_arrive_as_written(appointment):
    appointment.client_name = 'نور 👩‍⚕️ <b>"Jo" & Co</b>'
    appointment.provider_name = "Ωmega; Dr, \\ Ruiz"
    message = received(appointment, reader="practice")
    assert f"Client: {appointment.client_name} jo@example.com" in text_of(message)
    assert f"{appointment.client_name} jo@example.com" in Words(html_of(message)).found
    _, calendar = calendar_of(received(appointment))
    assert calendar.vevent.summary.value == "Consultation with Ωmega; Dr, \\ Ruiz"


@pytest.mark.parametrize("broken", ["\r\nBcc: victim@example.com", "\nSubject: You won", "\r\n\r\n<script>", "\x00"])
def test_a_line_break_in_a_name_makes_no_header(appointment, broken):
    """The forms refuse a line break. A row that has one all the same does no harm."""
    appointment.provider_name = f"Marta{broken}"
    message = received(appointment, reader="practice")
    assert message["Bcc"] is None
    assert message.get_all("Subject") == [message["Subject"]]
    assert message["Subject"].startswith("New appointment: Tuesday 1 December 2026, 10:00, Marta")
    _, calendar = calendar_of(received(appointment))
    assert len(calendar.vevent.contents["summary"]) == 1
