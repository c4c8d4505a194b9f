"""The number by which the log lines of one request, or of one round of tick, are found.

A client whose request failed sees it on the error page, and may read it out on the telephone.
"""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

# A thread that is started meanwhile has to be given the number: it begins with no context of its own.
current: ContextVar[str] = ContextVar("request_id", default="-")


def new() -> str:
    """Twelve random digits, in groups that can be read out. Those of a busy day are all different, but for bad luck."""
    digits = f"{secrets.randbelow(10**12):012}"
    return f"{digits[:4]}-{digits[4:8]}-{digits[8:]}"


@contextmanager
def numbered(number: str) -> Iterator[None]:
    """Log all that is done in the block under that number."""
    before = current.set(number)
    try:
        yield
    finally:
        current.reset(before)
