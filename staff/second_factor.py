"""The second factor of a login: a code that the telephone of its owner shows, or one of the recovery codes on paper.

django-otp keeps and checks both, and makes whoever gave a wrong one wait, each time for twice as long. Until the code
was right nobody is signed in: the session remembers only whose password was right.
"""

import secrets
from base64 import b32encode
from datetime import timedelta

from django.contrib.auth.models import User
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django_otp import verify_token
from django_otp.models import Device
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from booking.limits import TooOften
from staff import qr_codes

RECOVERY_CODES = 10
# The key of a telephone's authenticator, in bytes: as long as the hash that it is used with.
KEY_BYTES = 20
# For so long a code may be given after the password.
ASKED_FOR = timedelta(minutes=10)
TELEPHONE_DIGITS = 6
WAITING = "password was right"


def telephone_of(user: User) -> TOTPDevice | None:
    """The telephone that shows the codes of this login, or None if it has no second factor."""
    device: TOTPDevice | None = TOTPDevice.objects.devices_for_user(user, confirmed=True).first()
    return device


def new_key() -> str:
    return secrets.token_hex(KEY_BYTES)


class Offer:
    """A telephone that is not set up yet: its key, as a picture to take and as letters to type."""

    def __init__(self, user: User, key: str) -> None:
        self.key = key
        self.address: str = TOTPDevice(user=user, key=key).config_url

    @property
    def letters(self) -> str:
        letters = b32encode(bytes.fromhex(self.key)).decode()
        return " ".join(letters[start : start + 4] for start in range(0, len(letters), 4))

    @property
    def picture(self) -> str:
        return qr_codes.drawn(self.address, _("QR code with the key"))


@transaction.atomic
def set_up(user: User, key: str, code: str) -> list[str] | None:
    """Take this telephone as the second factor. Returns the recovery codes, or None if the code is not its own."""
    device = TOTPDevice.objects.create(user=user, key=key, name="Telephone", confirmed=False)
    if not device.verify_token(code):
        device.delete()
        return None
    TOTPDevice.objects.filter(user=user).exclude(pk=device.pk).delete()
    TOTPDevice.objects.filter(pk=device.pk).update(confirmed=True)
    return new_recovery_codes(user)


@transaction.atomic
def new_recovery_codes(user: User) -> list[str]:
    """Make codes that work once each. Those of before work no more."""
    StaticDevice.objects.filter(user=user).delete()
    device = StaticDevice.objects.create(user=user, name="Recovery codes")
    codes = [StaticToken.random_token() for _number in range(RECOVERY_CODES)]
    device.token_set.bulk_create(StaticToken(device=device, token=code) for code in codes)
    return codes


def recovery_codes_left(user: User) -> int:
    return int(StaticToken.objects.filter(device__user=user).count())


@transaction.atomic
def remove(user: User) -> None:
    for kind in (TOTPDevice, StaticDevice):
        kind.objects.filter(user=user).delete()


def is_right(user: User, code: str) -> bool:
    """Whether this is the code that the telephone shows now, or a recovery code, which is then used up.

    Raises TooOften if a wrong one was given a moment ago, and then this one was not looked at.
    """
    given = code.replace(" ", "").replace("-", "").lower()
    kind: type[Device] = TOTPDevice if given.isdigit() and len(given) == TELEPHONE_DIGITS else StaticDevice
    device = kind.objects.filter(user=user, confirmed=True).first()
    if device is None:
        return False
    allowed, reason = device.verify_is_allowed()
    if not allowed:
        raise TooOften(reason["locked_until"])
    return verify_token(user, device.persistent_id, given) is not None


def ask_for_it(request: HttpRequest, user: User) -> None:
    """Remember in the session that somebody has given the password of this login, and is not signed in yet."""
    request.session.cycle_key()
    request.session[WAITING] = [user.pk, user.get_session_auth_hash(), timezone.now().timestamp()]


def who_is_asked(request: HttpRequest) -> User | None:
    """Whose password was given a moment ago in this browser: None once it was changed, or the login closed."""
    key, password_hash, asked_at = request.session.get(WAITING, (None, "", 0))
    in_time = timezone.now().timestamp() - asked_at < ASKED_FOR.total_seconds()
    user = User.objects.filter(pk=key, is_active=True).first() if in_time else None
    return user if user and secrets.compare_digest(user.get_session_auth_hash(), password_hash) else None
