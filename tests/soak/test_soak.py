"""A short soak, in which not every kind of trouble is met, ends well; `make soak` runs a long one."""

import os
import subprocess
import sys

import pytest


@pytest.mark.long
def test_a_short_soak_ends_with_nothing_unfinished_and_nothing_wrong(transactional_db, database_url):
    command = [sys.executable, "-m", "tests.soak", "--short", "--clients=60", "--kills=5", "--seed=7"]
    soak = subprocess.run(
        command, env={**os.environ, "DATABASE_URL": database_url}, capture_output=True, text=True, check=False
    )
    print(soak.stdout)
    assert (soak.returncode, soak.stdout.count("Nothing is wrong.")) == (0, 4), soak.stderr
