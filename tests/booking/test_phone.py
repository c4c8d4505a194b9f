import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking import phone
from booking.models import Appointment
from tests.booking.api.program import TEN, asked, post
from tests.pages import Page
from tests.shapes import booking_form

KEPT = "+353871234567"


@pytest.mark.parametrize("typed", ["087 123 4567", "(087) 123-4567", "+353 87 123 4567", "00353 87 123 4567", KEPT])
def test_however_it_is_typed_one_number_is_kept(settings, typed):
    settings.PRACTICE_COUNTRY = "IE"
    assert phone.parse(typed) == KEPT


@pytest.mark.parametrize(("country", "kept"), [("US", "+12015550123"), ("DE", "+492015550123")])
def test_a_number_without_a_country_is_one_of_the_practices(settings, country, kept):
    settings.PRACTICE_COUNTRY = country
    assert phone.parse("2015550123") == kept


@pytest.mark.parametrize(
    "typed", ["call me", "1-800-FLOWERS", "087", "12", "+", "++353871234567", "0" * 40, "٠٨٧١٢٣٤٥٦٧"]
)
def test_what_is_no_number_is_refused(typed):
    with pytest.raises(phone.NoPhoneNumber):
        phone.parse(typed)


@given(st.text(max_size=40) | st.text("+0123456789 ()-./", max_size=40))
def test_whatever_is_typed_is_kept_as_a_number_that_reads_back_the_same_or_refused(typed):
    try:
        kept = phone.parse(typed)
    except phone.NoPhoneNumber:
        return
    assert phone.parse(phone.display(kept)) == kept


def test_the_example_is_a_number(settings):
    for settings.PRACTICE_COUNTRY in ("IE", "US", "DE", "GB", "PL"):
        assert phone.parse(phone.example()).startswith("+")


booking = pytest.mark.usefixtures("noon_in_dublin", "default_rules", "provider")


@booking
@pytest.mark.django_db
def test_letters_are_answered_with_what_to_type_instead(client):
    answer = client.post("/", booking_form(at=TEN, client_phone="call me"))
    sentence = "Enter a phone number, like 085 012 3456. Begin one of another country with +."
    page = Page(answer)
    assert (answer.status_code, sentence in page.problem, page.fields["client_phone"]) == (422, True, "call me")


@booking
@pytest.mark.django_db
@pytest.mark.parametrize(("required", "status"), [(True, 422), (False, 303)])
def test_a_service_may_require_one_of_people(client, provider, required, status):
    provider.services.update(phone_required=required)
    answer = client.post("/", booking_form(at=TEN))
    assert (answer.status_code, Appointment.objects.count()) == (status, int(not required))
    if required:
        assert "Enter a phone number: this service needs one." in Page(answer).problem
        assert client.post("/", booking_form(at=TEN, client_phone=KEPT)).status_code == 303


@booking
@pytest.mark.django_db
def test_a_service_may_require_one_of_programs(client, provider):
    provider.services.update(phone_required=True)
    refused = post(client, asked())
    assert refused.json()["errors"] == {"client_phone": ["Enter a phone number: this service needs one."]}
    assert post(client, asked(client_phone="087 123 4567")).status_code == 201


@booking
@pytest.mark.django_db
@pytest.mark.parametrize(("required", "said"), [(True, False), (False, True)])
def test_the_form_says_beforehand_whether_it_is_optional(client, provider, required, said):
    provider.services.update(phone_required=required)
    page = Page(client.get("/", {"provider": provider.slug, "service": provider.services.get().slug, "time": TEN}))
    assert ("Optional. The practice may call you about this appointment." in page.text) is said


@pytest.mark.parametrize(
    ("text", "digits"),
    [("087 12", "8712"), ("+353 87", "35387"), ("0871", ""), ("jo 1234", ""), ("", ""), ("(087) 123-4", "871234")],
)
def test_the_beginning_of_a_number_is_looked_for_by_its_digits(text, digits):
    assert phone.beginning(text) == digits
