"""What was measured, as text, and as the tables and the plot of docs/performance.md."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.bench.plot import Results, plot
from tests.bench.rounds import Line

DOCUMENT, PLOT = Path("docs/performance.md"), Path("docs/images/performance.svg")
BEGIN, END = "<!-- What `make bench` has written begins here. -->", "<!-- It ends here. -->"
# What the desk does is compared at these two numbers of appointments.
SOME, MANY = 1_000, 200_000
COLUMNS: dict[str, Callable[[Line], str]] = {
    "": lambda line: line.target.name,
    "CPU, ms": lambda line: f"{line.cpu:.2f}",
    "database, ms": lambda line: f"{line.database:.2f}",
    "× bare": lambda line: f"{line.times_bare:.2f}",
    "goal": lambda line: line.target.goal_in_words,
    "is": lambda line: verdict([line]),
    "statements": lambda line: f"{line.statements}",
    "a second": lambda line: f"{line.rate:.0f}",
    "bytes": lambda line: f"{line.size:,.0f}",
    "p50, ms": lambda line: f"{line.percentile(50):.1f}",
    "p99, ms": lambda line: f"{line.percentile(99):.1f}",
}


def verdict(lines: Sequence[Line]) -> str:
    """Whether a target's goal is met in all of these lines; empty if it has none."""
    if not lines[0].target.goal_in_words:
        return ""
    return "met" if all(line.is_met for line in lines) else "missed"


def at_one_size(lines: Sequence[Line]) -> list[list[str]]:
    return [list(COLUMNS), *([say(line) for say in COLUMNS.values()] for line in lines)]


def at_all_sizes(results: Results) -> list[list[str]]:
    """How many times as much processor time as the bare view each target takes, by the number of appointments."""
    head = ["CPU, × bare", *(f"{appointments:,}" for appointments in results), "goal", "is"]
    return [head, *(across(lines) for lines in zip(*results.values(), strict=True))]


def across(lines: Sequence[Line]) -> list[str]:
    target = lines[0].target
    return [target.name, *(f"{line.times_bare:.2f}" for line in lines), target.goal_in_words, verdict(lines)]


def grown(results: Results) -> list[list[str]]:
    """What each target that has a goal for it costs with MANY appointments, beside what it costs with SOME."""
    head = ["CPU and database, ms", f"{SOME:,}", f"{MANY:,}", "times as much", "goal", "is"]
    if not {SOME, MANY} <= results.keys():
        return [head]
    pairs = zip(results[SOME], results[MANY], strict=True)
    return [head, *(growth(some, many) for some, many in pairs if some.target.most_growth)]


def growth(some: Line, many: Line) -> list[str]:
    """The milliseconds are those of two moments, so what they grow by is said by what the bare view took in each."""
    times, most = many.whole_times_bare / some.whole_times_bare, some.target.most_growth
    verdict = "met" if times <= most else "missed"
    return [some.target.name, f"{some.whole:.2f}", f"{many.whole:.2f}", f"{times:.2f}", f"≤ {most:g}", verdict]


def as_text(rows: Sequence[Sequence[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    padded = ([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])] for row in rows)
    return "\n".join("  ".join(cells) for cells in padded)


def as_markdown(rows: Sequence[Sequence[str]]) -> str:
    head, *body = rows
    rule = ["---", *["---:"] * (len(head) - 1)]
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, rule, *body))


def write(results: Results, facts: str, names: Sequence[str]) -> None:
    """Replace what stands between the marks of the document, and its plot."""
    PLOT.write_text(plot(results, names))
    picture = f"![Three things that both projects do, by the number of appointments]({PLOT.relative_to('docs')})"
    chapters = [BEGIN, facts, picture, as_markdown(at_all_sizes(results))]
    if len(rows := grown(results)) > 1:
        chapters += [f"### The desk, with {SOME:,} and with {MANY:,} appointments", as_markdown(rows)]
    for appointments, lines in results.items():
        chapters += [f"### With {appointments:,} appointments", as_markdown(at_one_size(lines))]
    DOCUMENT.write_text(with_chapters(DOCUMENT.read_text(), "\n\n".join([*chapters, END])))


def with_chapters(document: str, chapters: str) -> str:
    return re.sub(f"{re.escape(BEGIN)}.*{re.escape(END)}", lambda _: chapters, document, flags=re.DOTALL)
