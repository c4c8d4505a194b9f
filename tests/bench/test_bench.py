"""One short round works, and what it measures is judged and written down; `make bench` measures for long enough."""

from xml.etree import ElementTree

import pytest

from tests.bench import report
from tests.bench.load import Answers, Cost
from tests.bench.plot import plot
from tests.bench.practice import Practice
from tests.bench.rounds import Line, measure_all
from tests.bench.targets import Target, Visits
from tests.gunicorn import Server, collect_static_files

NOWHERE = Server("http://127.0.0.1:9", 0)


@pytest.mark.long
@pytest.mark.any_engine
def test_each_target_is_answered_and_costs_something(transactional_db, database_url, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", database_url)
    collect_static_files()
    lines = measure_all(Practice(40, full_days=1), Visits(looking=2, changing=2), rounds=1)
    assert [line.target.name for line in lines if not (line.cpu > 0 and line.rate > 0 and line.statements > 0)] == []
    assert {"Bare view", "Calendar and times", "Booking, JSON", "Webhook, paid"} <= {line.target.name for line in lines}


def line(name, *, times_bare, database=0, statements=1, **facts):
    """A target of which one visit took a millisecond of processor time for each time as much as the bare view.

    The bare view took none of the database.
    """
    answers = [Answers({200}, took=2 * times_bare, size=1000, statements=0)] * 4
    costs = Cost(1, 0, 500, answers), Cost(times_bare, database, 100, answers)
    return Line(Target(name, 200, list, **facts), NOWHERE, [costs], statements)


@pytest.mark.parametrize(
    ("cost", "statements", "said"),
    [(3.5, 8, "met"), (3.6, 8, "missed"), (3.5, 9, "missed")],
)
def test_a_goal_is_met_if_neither_time_nor_statements_are_exceeded(cost, statements, said):
    booking = line("Booking", times_bare=cost, statements=statements, goal=3.5, most_statements=8)
    assert report.verdict([booking]) == said


def test_a_goal_that_is_missed_at_one_size_is_missed():
    results = {0: [line("Start page", times_bare=1.5, goal=2)], 1000: [line("Start page", times_bare=2.5, goal=2)]}
    assert report.at_all_sizes(results)[1:] == [["Start page", "1.50", "2.50", "≤ 2 ×", "missed"]]


@pytest.mark.parametrize(
    ("many", "said"), [(3, ["5.00", "6.00", "1.20", "≤ 1.2", "met"]), (4, ["5.00", "7.00", "1.40", "≤ 1.2", "missed"])]
)
def test_what_the_desk_takes_with_many_appointments_is_compared_with_what_it_takes_with_some(many, said):
    results = {
        size: [line("Bare view", times_bare=1), line("Day", times_bare=3, database=database, most_growth=1.2)]
        for size, database in {0: 1, 1_000: 2, 200_000: many, 1_000_000: 9}.items()
    }
    assert report.grown(results)[1:] == [["Day", *said]]


def test_what_is_compared_is_written_into_the_document(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    report.PLOT.parent.mkdir(parents=True)
    report.DOCUMENT.write_text(f"{report.BEGIN}{report.END}")
    drawn = [line(name, times_bare=2, compared="Choosing") for name in ("Ours", "Theirs")]
    lines = [line("Bare view", times_bare=1), line("Day", times_bare=3, most_growth=1.2), *drawn]
    report.write({1_000: lines, 200_000: lines}, "Measured.", ["bare", "ours", "theirs"])
    written = report.DOCUMENT.read_text()
    assert "### The desk, with 1,000 and with 200,000 appointments" in written
    assert "| Day | 3.00 | 3.00 | 1.00 | ≤ 1.2 | met |" in written


def test_with_one_size_nothing_is_compared():
    assert report.grown({1_000: [line("Day", times_bare=3, most_growth=1.2)]})[1:] == []


def test_the_document_keeps_what_stands_around_the_figures():
    document = f"Before.\n\n{report.BEGIN}\n\nOld.\n\n{report.END}\n\nAfter.\n"
    assert report.with_chapters(document, "New.") == "Before.\n\nNew.\n\nAfter.\n"


def test_the_document_has_a_place_for_the_figures():
    assert [report.DOCUMENT.read_text().count(mark) for mark in (report.BEGIN, report.END)] == [1, 1]


def test_the_plot_is_an_image_with_a_line_for_each_of_the_three_in_each_panel():
    compared = [
        line("Calendar", times_bare=10, compared="Choosing"),
        line("Theirs", times_bare=50, compared="Choosing"),
    ]
    results = {size: [line("Bare view", times_bare=1), *compared] for size in (0, 1000)}
    image = ElementTree.fromstring(plot(results, ["bare", "ours", "theirs"]))
    lines = [found.get("points") for found in image.iter("{http://www.w3.org/2000/svg}polyline")]
    # From 1 to 100 ms it is 170 units, so 85 to ten times as much. Waiting took twice as long as the processor.
    assert lines[:3] == ["55,170.0 165,170.0", "55,85.0 165,85.0", "55,25.6 165,25.6"]
    assert lines[3:] == ["55,144.4 165,144.4", "55,59.4 165,59.4", "55,0.0 165,0.0"]
