"""Draw what the product and django-appointment have in common, by how many appointments there are."""

from collections.abc import Callable, Iterator, Sequence
from math import floor, log10
from pathlib import Path
from typing import Any

from django.template import Context, Engine

from tests.bench.rounds import Line

TEMPLATE = Path(__file__).with_name("plot.svg")
WIDTH, HEIGHT, LEFT, TOP = 220, 150, 48, 76
A_COLUMN, A_ROW = WIDTH + 100, HEIGHT + 90
# A drawing of each of these for each thing that both can do, in one row.
MEASURES: dict[str, Callable[[Line], float]] = {
    "CPU, ms": lambda line: line.cpu,
    "half take at most, ms": lambda line: line.percentile(50),
}
KINDS = ("bare", "ours", "theirs")


def plot(results: dict[int, list[Line]], names: Sequence[str]) -> str:
    """Return an SVG. The `names` are those of the bare view, of the product and of the other one."""
    things = list(dict.fromkeys(line.target.compared for line in next(iter(results.values())) if line.target.compared))
    context = {
        "title": "What a visit costs, by the number of appointments. The table has the same figures.",
        "width": A_COLUMN * len(things),
        "height": A_ROW * len(MEASURES) + 20,
        "legend": [
            {"kind": kind, "name": name, "x": 8 + 240 * at}
            for at, (kind, name) in enumerate(zip(KINDS, names, strict=True))
        ],
        "panels": list(panels(results, things)),
    }
    return Engine().from_string(TEMPLATE.read_text()).render(Context(context))


def panels(results: dict[int, list[Line]], things: Sequence[str]) -> Iterator[dict[str, Any]]:
    for row, (measure, value_of) in enumerate(MEASURES.items()):
        values = {thing: series_of(results, thing, value_of) for thing in things}
        top = round_up(max(max(series) for of_thing in values.values() for series in of_thing))
        for column, thing in enumerate(things):
            yield {
                "title": f"{thing}: {measure}",
                "x": LEFT + column * A_COLUMN,
                "y": TOP + row * A_ROW,
                "width": WIDTH,
                "height": HEIGHT,
                "ticks": [{"y": HEIGHT * (1 - part), "name": f"{top * part:g}"} for part in (0, 0.5, 1)],
                "labels": [
                    {"x": x, "name": f"{size:,}"} for x, size in zip(across(len(results)), results, strict=True)
                ],
                "series": [drawn(kind, series, top) for kind, series in zip(KINDS, values[thing], strict=True)],
            }


def series_of(results: dict[int, list[Line]], thing: str, value_of: Callable[[Line], float]) -> list[list[float]]:
    """The values at each size: of the bare view, which is the first line, of the product, and of the other one."""
    sizes = [[lines[0], *(line for line in lines if line.target.compared == thing)] for lines in results.values()]
    return [[value_of(line) for line in lines] for lines in zip(*sizes, strict=True)]


def drawn(kind: str, series: Sequence[float], top: float) -> dict[str, Any]:
    heights = [HEIGHT * (1 - value / top) for value in series]
    dots = [{"x": round(x), "y": round(y, 1)} for x, y in zip(across(len(series)), heights, strict=True)]
    points = " ".join(f"{dot['x']},{dot['y']}" for dot in dots)
    return {"kind": kind, "dots": dots, "points": points, "last": dots[-1], "value": f"{series[-1]:.1f}"}


def across(count: int) -> list[float]:
    """Where so many points stand from left to right."""
    return [WIDTH * (at + 0.5) / count for at in range(count)]


def round_up(value: float) -> float:
    """The next larger of 1, 2, 4, 6, 8, 10, 20, 40 and so on."""
    unit = 10 ** floor(log10(value))
    return next(step * unit for step in (1, 2, 4, 6, 8, 10) if step * unit >= value)
