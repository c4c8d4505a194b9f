"""The card form of the hosted page, and what each of Stripe's test cards does.

A card's number never leaves this module: it is not stored, and not shown again.
"""

import re
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop


@dataclass(frozen=True)
class Decline:
    code: str
    message: str
    """In English, as the API has it. The page shows it in its own language."""
    decline_code: str = ""


@dataclass(frozen=True)
class TestCard:
    number: str
    what_it_does: str
    decline: Decline | None = None
    refunds: tuple[str, ...] = ("succeeded",)
    """The statuses that a refund to it goes through."""
    dispute: str = ""
    """The status of the dispute that the bank opens as soon as it is charged; empty if it opens none."""
    parts: int = 1
    """Of so many equal parts of what is charged it disputes one."""
    authenticates: bool = False
    """Whether the bank asks the holder to authenticate each payment (3D Secure)."""


TEST_CARDS = (
    TestCard("4242 4242 4242 4242", gettext_noop("Pays")),
    TestCard(
        "4000 0000 0000 0002",
        gettext_noop("Declined by the bank"),
        Decline("card_declined", gettext_noop("Your card was declined."), "generic_decline"),
    ),
    TestCard(
        "4000 0000 0000 9995",
        gettext_noop("Declined: not enough money"),
        Decline("card_declined", gettext_noop("Your card has insufficient funds."), "insufficient_funds"),
    ),
    TestCard(
        "4000 0000 0000 0069",
        gettext_noop("Declined: card expired"),
        Decline("expired_card", gettext_noop("Your card has expired.")),
    ),
    TestCard(
        "4000 0000 0000 0127",
        gettext_noop("Declined: wrong CVC"),
        Decline("incorrect_cvc", gettext_noop("Your card's security code is incorrect.")),
    ),
    TestCard("4000 0027 6000 3184", gettext_noop("Pays, once your bank knows it is you"), authenticates=True),
    TestCard("4000 0000 0000 7726", gettext_noop("Pays; a refund takes a while"), refunds=("pending", "succeeded")),
    TestCard(
        "4000 0000 0000 5126", gettext_noop("Pays; a refund fails after a while"), refunds=("succeeded", "failed")
    ),
    TestCard("4000 0000 0000 0259", gettext_noop("Pays; the bank disputes it at once"), dispute="needs_response"),
    # Stripe has no such card: it is the sandbox's own.
    TestCard(
        "4000 0000 0000 0267",
        gettext_noop("Pays; the bank disputes half of it at once"),
        dispute="needs_response",
        parts=2,
    ),
    TestCard(
        "4000 0000 0000 1976", gettext_noop("Pays; the bank asks about it at once"), dispute="warning_needs_response"
    ),
)
KNOWN = {card.number.replace(" ", ""): card for card in TEST_CARDS}
NOT_A_TEST_CARD = TestCard(
    "",
    gettext_noop("Declined"),
    Decline(
        "card_declined",
        gettext_noop("Your card was declined. Only the test cards listed on this page work here."),
        "test_mode_live_card",
    ),
)
NOT_AUTHENTICATED = Decline(
    "payment_intent_authentication_failure",
    gettext_noop(
        "We are unable to authenticate your payment method. Please choose a different payment method and try again."
    ),
)
BRANDS = {
    "visa": r"4",
    "mastercard": r"5[1-5]|2[2-7]",
    "amex": r"3[47]",
    "discover": r"6011|64[4-9]|65",
    "diners": r"3[068]",
    "jcb": r"35",
    "unionpay": r"62",
}
SECURITY_CODE_DIGITS = {"amex": "4", "unknown": "3,4"}


@dataclass(frozen=True)
class Card:
    """What is remembered of a card, and what it does."""

    brand: str
    last4: str
    exp_month: int
    exp_year: int
    decline: Decline | None
    refunds: tuple[str, ...] = ("succeeded",)
    dispute: str = ""
    parts: int = 1
    authenticates: bool = False

    @property
    def cvc_check(self) -> str:
        return "fail" if self.decline and self.decline.code == "incorrect_cvc" else "pass"


def brand_of(number: str) -> str:
    return next((brand for brand, prefix in BRANDS.items() if re.match(prefix, number)), "unknown")


def passes_luhn(number: str) -> bool:
    doubled = [int(digit) * 2 for digit in number[-2::-2]]
    return (sum(map(int, number[-1::-2])) + sum(total // 10 + total % 10 for total in doubled)) % 10 == 0


class UnrepeatedInput(forms.TextInput):
    """A field that is always shown empty, so that no page ever contains a card's number."""

    def format_value(self, value: Any) -> None:
        return None


def card_input(autocomplete: str, **attrs: Any) -> UnrepeatedInput:
    return UnrepeatedInput({"autocomplete": autocomplete, "inputmode": "numeric", "spellcheck": "false", **attrs})


class CardForm(forms.Form):
    number = forms.CharField(
        label=_("Card number"),
        max_length=40,
        widget=card_input("cc-number", placeholder="1234 1234 1234 1234"),
        error_messages={"required": _("Your card number is incomplete.")},
    )
    expiry = forms.CharField(
        label=_("Expiry"),
        max_length=12,
        widget=card_input("cc-exp", placeholder=_("MM / YY")),
        error_messages={"required": _("Your card's expiration date is incomplete.")},
    )
    cvc = forms.CharField(
        label=_("CVC"),
        max_length=8,
        widget=card_input("cc-csc", placeholder="123"),
        error_messages={"required": _("Your card's security code is incomplete.")},
    )

    def clean_number(self) -> str:
        number = re.sub(r"[\s-]", "", self.cleaned_data["number"])
        if not re.fullmatch(r"[0-9]{12,19}", number) or not passes_luhn(number):
            raise ValidationError(_("Your card number is incorrect."), code="incorrect_number")
        return number

    def clean_expiry(self) -> tuple[int, int]:
        written = re.fullmatch(r"([0-9]{1,2})\s*/?\s*((?:20)?[0-9]{2})", self.cleaned_data["expiry"])
        if not written or not 1 <= int(written[1]) <= 12:
            raise ValidationError(_("Your card's expiration month is invalid."), code="invalid_expiry_month")
        month, year = int(written[1]), 2000 + int(written[2]) % 100
        today = timezone.now()
        if not today.year <= year <= today.year + 50:
            raise ValidationError(_("Your card's expiration year is invalid."), code="invalid_expiry_year")
        if year == today.year and month < today.month:
            raise ValidationError(_("Your card's expiration month is invalid."), code="invalid_expiry_month")
        return month, year

    def clean_cvc(self) -> str:
        cvc: str = self.cleaned_data["cvc"]
        digits = SECURITY_CODE_DIGITS.get(brand_of(self.cleaned_data.get("number", "")), "3")
        if not re.fullmatch(rf"[0-9]{{{digits}}}", cvc):
            raise ValidationError(_("Your card's security code is invalid."), code="invalid_cvc")
        return cvc

    def card(self) -> Card:
        number: str = self.cleaned_data["number"]
        month, year = self.cleaned_data["expiry"]
        known = KNOWN.get(number, NOT_A_TEST_CARD)
        does = (known.decline, known.refunds, known.dispute, known.parts, known.authenticates)
        return Card(brand_of(number), number[-4:], month, year, *does)
