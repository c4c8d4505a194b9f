"""Each round measures the bare view and then every target; a table of medians is printed at the end.

Each round compares the targets with its own bare view, and the median of these ratios is printed. So a machine that is
busy for a moment spoils one round, and not the result.
"""

import io
import time
from collections.abc import Sequence
from contextlib import redirect_stdout
from statistics import median

from tests.bench.load import Cost, measure
from tests.bench.practice import fill
from tests.bench.targets import Target, reads, targets
from tests.gunicorn import Server, collect_static_files, gunicorn

# New rounds begin until so many seconds are over, so a slow machine makes fewer rounds.
SECONDS, FEWEST_ROUNDS = 45, 3
Line = tuple[Server, Target]


def run() -> None:
    collect_static_files()
    fill()
    # There is one worker only: a second one would take processor time from the database and the clients.
    with (
        redirect_stdout(io.StringIO()),
        gunicorn(workers=1, threads=4, DJANGO_SETTINGS_MODULE="tests.bench.bare") as bare,
        gunicorn(workers=1, threads=4) as product,
    ):
        lines = [(bare, reads("Bare view", "/")), *((product, target) for target in targets(product))]
        one_round(lines)  # the first round compiles templates and opens connections, and does not count
        rounds = []
        finish = time.monotonic() + SECONDS
        while len(rounds) < FEWEST_ROUNDS or time.monotonic() < finish:
            rounds.append(one_round(lines))
    print_table([target.name for _, target in lines], rounds)


def one_round(lines: Sequence[Line]) -> list[Cost]:
    return [measure(server, target.requests(), target.status) for server, target in lines]


def print_table(names: Sequence[str], rounds: Sequence[Sequence[Cost]]) -> None:
    print(f"{'':28} {'CPU ms':>8} {'x bare':>8} {'req/s':>8} {'x bare':>8}")
    for index, name in enumerate(names):
        cpu = median(costs[index].cpu for costs in rounds)
        times_cpu = median(costs[index].cpu / costs[0].cpu for costs in rounds)
        rate = median(costs[index].rate for costs in rounds)
        times_rate = median(costs[index].rate / costs[0].rate for costs in rounds)
        print(f"{name:28} {cpu:8.2f} {times_cpu:8.2f} {rate:8.0f} {times_rate:8.2f}")
