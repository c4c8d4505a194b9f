"""Draw what the product and django-appointment have in common, by how many appointments there are.

The scales are logarithmic: as far as a line is above that of the bare view, so many times as much does it cost.
"""

from collections.abc import Callable, Iterator, Sequence
from math import ceil, floor, log10
from pathlib import Path
from typing import Any

from django.template import Context, Engine

from tests.bench.rounds import Line

TEMPLATE = Path(__file__).with_name("plot.svg")
WIDTH, HEIGHT, LEFT, TOP = 220, 170, 48, 76
A_COLUMN, A_ROW = WIDTH + 100, HEIGHT + 90
KINDS = ("bare", "ours", "theirs")
# There is a row of panels for each of these, with a panel for each thing that both can do.
MEASURES: dict[str, Callable[[Line], float]] = {
    "CPU, ms": lambda line: line.cpu,
    "p50, ms": lambda line: line.percentile(50),
}
# What was measured at each number of appointments.
Results = dict[int, list[Line]]


def plot(results: Results, names: Sequence[str]) -> str:
    """Return an SVG. The `names` are those of the bare view, of the product and of the other one."""
    lines = next(iter(results.values()))
    things = list(dict.fromkeys(line.target.compared for line in lines if line.target.compared))
    legend = [{"kind": kind, "name": name} for kind, name in zip(KINDS, names, strict=True)]
    context = {
        "title": "What a visit costs, by the number of appointments; the tables have the same figures",
        "width": A_COLUMN * len(things),
        "height": A_ROW * len(MEASURES) + 20,
        "legend": [{**one, "x": LEFT + A_COLUMN * column} for column, one in enumerate(legend)],
        "panels": list(panels(results, things)),
    }
    return Engine().from_string(TEMPLATE.read_text()).render(Context(context))


def panels(results: Results, things: Sequence[str]) -> Iterator[dict[str, Any]]:
    labels = [{"x": x, "name": f"{size:,}"} for x, size in zip(across(len(results)), results, strict=True)]
    for row, (measure, value_of) in enumerate(MEASURES.items()):
        values = {thing: series_of(results, thing, value_of) for thing in things}
        scale = Scale([value for series in values.values() for one in series for value in one])
        for column, thing in enumerate(things):
            yield {
                "title": f"{thing}: {measure}",
                "x": LEFT + column * A_COLUMN,
                "y": TOP + row * A_ROW,
                "width": WIDTH,
                "height": HEIGHT,
                "ticks": scale.ticks,
                "labels": labels,
                "series": [drawn(kind, one, scale) for kind, one in zip(KINDS, values[thing], strict=True)],
            }


def series_of(results: Results, thing: str, value_of: Callable[[Line], float]) -> list[list[float]]:
    """The values at each size: of the bare view, which is the first line, of the product, and of the other one."""
    sizes = [[lines[0], *(line for line in lines if line.target.compared == thing)] for lines in results.values()]
    return [[value_of(line) for line in lines] for lines in zip(*sizes, strict=True)]


class Scale:
    """From one power of ten to another, with all the values between them."""

    def __init__(self, values: Sequence[float]) -> None:
        self.least = floor(log10(min(values)))
        self.most = max(ceil(log10(max(values))), self.least + 1)

    def y(self, value: float) -> float:
        return round(HEIGHT * (self.most - log10(value)) / (self.most - self.least), 1)

    @property
    def ticks(self) -> list[dict[str, Any]]:
        powers = (10.0**exponent for exponent in range(self.least, self.most + 1))
        return [{"y": self.y(power), "name": f"{power:g}"} for power in powers]


def drawn(kind: str, series: Sequence[float], scale: Scale) -> dict[str, Any]:
    dots = [{"x": x, "y": scale.y(value)} for x, value in zip(across(len(series)), series, strict=True)]
    points = " ".join(f"{dot['x']},{dot['y']}" for dot in dots)
    return {"kind": kind, "dots": dots, "points": points, "last": dots[-1], "value": f"{series[-1]:.1f}"}


def across(count: int) -> list[int]:
    """Where so many points stand from left to right."""
    return [round(WIDTH * (at + 0.5) / count) for at in range(count)]
