"""How tick does what is owed: row by row, and none of them may keep the rest waiting."""

import logging
from collections.abc import Callable
from typing import TypeVar

from django.db.models import Model

from payments.gateway import StripeUnavailable

logger = logging.getLogger(__name__)
Row = TypeVar("Row", bound=Model)


def attempt(duty: Callable[[Row], object], row: Row) -> None:
    try:
        duty(row)
    except StripeUnavailable:
        logger.info("%s %s is seen to again at the next tick", type(row).__name__, row.pk)
    except Exception:
        logger.exception("%s %s failed", type(row).__name__, row.pk)
