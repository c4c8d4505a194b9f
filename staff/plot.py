"""The plot of a month: a bar for each day, drawn by the server as SVG.

Up goes what came, online below and at the practice on top of it; down goes what went back. The table beside the plot
has the same figures.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from payments.month import Figures

A_DAY, GAP, HEIGHT = 20, 4, 160


class Bar(NamedTuple):
    kind: str
    x: int
    y: int
    height: int
    width: int = A_DAY - GAP


class Plot:
    def __init__(self, days: Sequence[Figures]) -> None:
        self.days = days
        self.up = max(day.online + max(day.practice, 0) for day in days)
        self.down = max(day.returned + max(-day.practice, 0) for day in days)

    @property
    def most(self) -> int:
        """What the highest bar stands for, be it up or down."""
        return max(self.up, self.down)

    @property
    def width(self) -> int:
        return A_DAY * len(self.days)

    @property
    def line(self) -> int:
        """How far from the top the line is from which bars go up and down."""
        return self.length(self.up)

    @property
    def height(self) -> int:
        return self.line + self.length(self.down) + 2

    def length(self, amount: int) -> int:
        """Of anything at all there is something to see."""
        return max(2, round(HEIGHT * amount / (self.up + self.down))) if amount else 0

    @property
    def bars(self) -> Iterator[Bar]:
        for number, day in enumerate(self.days):
            x, online = A_DAY * number + GAP // 2, self.length(day.online)
            practice, down = self.length(max(day.practice, 0)), self.length(day.returned + max(-day.practice, 0))
            yield from (
                Bar(kind, x, y, height)
                for kind, y, height in (
                    ("online", self.line - online, online),
                    ("practice", self.line - online - practice, practice),
                    ("returned", self.line + 2, down),
                )
                if height
            )
