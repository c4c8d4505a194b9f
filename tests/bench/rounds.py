"""Several rounds at each number of appointments. A round measures every target, and the bare view before each of them.

What counts is the median of these ratios, so a machine that is busy for a moment spoils one of them, and not the
result.
"""

import io
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, redirect_stdout
from dataclasses import dataclass, field
from statistics import median, quantiles

from tests.bench.load import Cost, count_statements, measure
from tests.bench.peer.site import Peer
from tests.bench.practice import Practice
from tests.bench.targets import Target, Visits, targets
from tests.bench.webhooks import KEYS
from tests.gunicorn import ROOM_FOR_ALL, Server, gunicorn

# One worker only: a second one would take processor time from the database and the clients.
ALONE = {"workers": 1, "threads": 4}
BARE = {**ALONE, "DJANGO_SETTINGS_MODULE": "tests.bench.bare"}
# As in production, Stripe's keys are known, there is a mail server, to which only tick would send, and a proxy stands
# in front. All limits are as they come.
PRODUCT = {**ALONE, **KEYS, "STRIPE_SANDBOX": "off", "EMAIL_URL": "smtp://mail.example", "TRUSTED_PROXIES": "1"}
APPLICATION = "tests.bench.counted"


@dataclass
class Line:
    """A target on its server, and what each round measured of it."""

    target: Target
    server: Server
    rounds: list[tuple[Cost, Cost]] = field(default_factory=list)
    """What the bare view cost, and what the target cost."""
    statements: int = 0

    @property
    def cpu(self) -> float:
        return median(cost.cpu for _, cost in self.rounds)

    @property
    def times_bare(self) -> float:
        return median(cost.cpu / bare.cpu for bare, cost in self.rounds)

    @property
    def database(self) -> float:
        return median(cost.database for _, cost in self.rounds)

    @property
    def whole(self) -> float:
        return median(cost.whole for _, cost in self.rounds)

    @property
    def whole_times_bare(self) -> float:
        return median(cost.whole / bare.whole for bare, cost in self.rounds)

    @property
    def is_met(self) -> bool:
        """Whether the visits cost no more than they may."""
        goal, most = self.target.goal, self.target.most_statements
        return (goal is None or self.times_bare <= goal) and (most is None or self.statements <= most)

    @property
    def rate(self) -> float:
        return median(cost.rate for _, cost in self.rounds)

    @property
    def size(self) -> float:
        return median(answers.size for _, cost in self.rounds for answers in cost.answers)

    def percentile(self, percent: int) -> float:
        """So many percent of all visits took no longer, in milliseconds."""
        took = [answers.took for _, cost in self.rounds for answers in cost.answers]
        return quantiles(took, n=100, method="inclusive")[percent - 1]


def measure_all(practice: Practice, visits: Visits, rounds: int, peer: Peer | None = None) -> list[Line]:
    with said_only_on_failure(), ExitStack() as running:
        lines = list(start(running, practice, visits, peer))
        one_round(practice, lines)  # the first round compiles templates and opens connections, and does not count
        for line in lines:
            line.rounds.clear()
        for _ in range(rounds):
            one_round(practice, lines)
        for line in lines:
            practice.show(line.target.providers)
            line.statements = count_statements(line.server, line.target.visits(), line.target.status)
    return lines


@contextmanager
def said_only_on_failure() -> Iterator[None]:
    """Print the logs of the servers only if something went wrong."""
    said = io.StringIO()
    try:
        with redirect_stdout(said):
            yield
    except Exception:
        print(said.getvalue())
        raise


def start(running: ExitStack, practice: Practice, visits: Visits, peer: Peer | None) -> Iterator[Line]:
    """Start all servers, and yield a line for each target; that of the bare view is the first."""
    served = running.enter_context
    yield Line(Target("Bare view", 200, visits.to("/")), served(gunicorn(APPLICATION, **BARE)))
    stripe = served(gunicorn(workers=1, **ROOM_FOR_ALL))
    site = served(gunicorn(APPLICATION, **PRODUCT, STRIPE_API_BASE=f"{stripe.address}/stripe-sandbox"))
    for target in targets(practice, site, visits):
        yield Line(target, site)
    if peer:
        site = served(gunicorn(APPLICATION, **ALONE, **peer.gunicorn))
        for target in peer.targets(site):
            yield Line(target, site)


def one_round(practice: Practice, lines: Sequence[Line]) -> None:
    bare = lines[0]
    for line in lines:
        practice.show(line.target.providers)
        visits = line.target.visits()
        before = measure(bare.server, bare.target.visits(), bare.target.status)
        line.rounds.append((before, measure(line.server, visits, line.target.status)))
