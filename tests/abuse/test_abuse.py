"""A short attack: bodies and headers that are too large, on gunicorn. `make abuse` carries out all of them."""

import subprocess
import sys

import pytest


@pytest.mark.long
def test_what_is_too_large_is_refused_over_real_connections_and_nothing_is_lost():
    abuse = subprocess.run(
        [sys.executable, "-m", "tests.abuse", "oversize"], capture_output=True, text=True, check=False
    )
    print(abuse.stdout)
    assert (abuse.returncode, abuse.stdout.count("to gunicorn → 413: ")) == (0, 4), abuse.stderr
