"""How money reads: the figures of a month with words beside them, its tables and its plot, and what a day has taken."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import NamedTuple

from django.utils.functional import Promise, cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext, pgettext_lazy

from booking import customs
from booking.models import Provider
from booking.money import from_minor_units
from booking.templatetags.wording import day_name, month_name
from payments.models import Taking
from payments.month import Figures, InCurrency, Month, taken_on
from staff.plot import Plot


class Figure(NamedTuple):
    label: str
    amount: str
    notes: list[str]


class Row(NamedTuple):
    name: str
    cells: list[tuple[str, str, bool]]
    """The head of each column with the amount in it: on a narrow page each stands beside its amount. Is it nothing?"""


class Table(NamedTuple):
    """Sums by what is named in the first column, and their total."""

    name: str
    label: str
    """The name with the currency, by which tables of several currencies are told apart."""
    heads: list[str]
    rows: list[Row]
    total: Row


HEADS: dict[str, str | Promise] = {
    "online": gettext_lazy("Taken online"),
    "practice": gettext_lazy("Taken at the practice"),
    "returned": gettext_lazy("Returned"),
    "to_pay": gettext_lazy("Still to be paid"),
    "missed": pgettext_lazy("figure", "Did not come"),
}
# The heads of further columns, in the table of the days.
MEANS: dict[str, str | Promise] = {method.value: method.label for method in Taking.Method}


class ByMeans:
    """What was taken at the practice in one currency, by each means."""

    def __init__(self, of: InCurrency) -> None:
        self.of, self.total = of, of.total

    def amount(self, units: int) -> str:
        return customs.money(from_minor_units(units, self.of.currency), self.of.currency)

    @property
    def means(self) -> list[str]:
        """The means by which money was taken at the practice, or went back there."""
        return [name for name in MEANS if getattr(self.total, name) or getattr(self.total, f"{name}_undone")]

    def each_in_words(self) -> Iterator[str]:
        """What was taken by each means, as whoever counts the drawer needs it, and what of it was undone."""
        for name in self.means:
            amount, undone = getattr(self.total, name), getattr(self.total, f"{name}_undone")
            words = {"means": MEANS[name], "amount": self.amount(amount), **self.taken_and_undone(amount, undone)}
            if undone:
                yield _("%(means)s: %(amount)s, which is %(taken)s less %(undone)s undone") % words
            else:
                yield _("%(means)s: %(amount)s") % words

    def taken_and_undone(self, kept: int, undone: int) -> dict[str, str]:
        return {"taken": self.amount(kept + undone), "undone": self.amount(undone)}


def taken_in_words(day: date, providers: Iterable[Provider]) -> tuple[str, ...]:
    """What changed hands at the practice on this day, a line for each means. Nothing at all has no lines."""
    return tuple(line for of in taken_on(day, providers) for line in ByMeans(of).each_in_words())


class Section(ByMeans):
    """What the page of the month shows of one currency."""

    def __init__(self, of: InCurrency, month: Month, before: Month) -> None:
        super().__init__(of)
        self.month, self.before = month, before
        self.total_before = before.in_currency(of.currency).total

    @property
    def currency(self) -> str:
        return self.of.currency.upper()

    def figures(self) -> Iterator[Figure]:
        total = self.total
        yield self.compared(str(HEADS["online"]), "online", many_payments(total.payments))
        yield self.compared(str(HEADS["practice"]), "practice", *self.means_in_words())
        yield self.compared(str(HEADS["returned"]), "returned", many_refunds(total.refunds))
        yield self.compared(_("Taken, minus what was returned"), "kept")

    @property
    def further(self) -> list[Figure]:
        return list(self.those_there_are())

    def those_there_are(self) -> Iterator[Figure]:
        """What else there is to know. What there is none of is left out."""
        total = self.total
        if total.fees or total.without_fee:
            yield Figure(_("Stripe’s fees"), self.amount(total.fees), [*unknown_fees(total.without_fee)])
        if total.disputes:
            yield Figure(_("Disputed"), self.amount(total.disputed), [many_disputes(total.disputes)])
        if total.unpaid:
            yield Figure(str(HEADS["to_pay"]), self.amount(total.to_pay), [many_appointments(total.unpaid)])
        if total.no_shows:
            yield Figure(str(HEADS["missed"]), self.amount(total.missed), [many_appointments(total.no_shows)])

    def means_in_words(self) -> Iterator[str]:
        """What of all means together was undone, before each of them by itself."""
        total = self.total
        if total.undone and len(self.means) > 1:
            yield _("%(taken)s, less %(undone)s undone") % self.taken_and_undone(total.practice, total.undone)
        yield from self.each_in_words()

    def compared(self, label: str, name: str, *notes: str) -> Figure:
        now, before = getattr(self.total, name), getattr(self.total_before, name)
        return Figure(label, self.amount(now), [*notes, *self.comparison(now - before)])

    def comparison(self, difference: int) -> Iterator[str]:
        """What a figure is against the month before. A month with nothing at all, as before one's first, is none."""
        if self.total_before == Figures():
            return
        words = {"amount": self.amount(abs(difference)), "month": month_name(self.before.first)}
        if difference > 0:
            yield _("%(amount)s more than in %(month)s") % words
        elif difference < 0:
            yield _("%(amount)s less than in %(month)s") % words
        else:
            yield _("As much as in %(month)s") % words

    @property
    def tables(self) -> list[Table]:
        return [
            self.table(_("By provider"), _("Provider"), self.of.by_provider, HEADS),
            self.table(_("By service"), _("Service"), self.of.by_service, HEADS),
        ]

    @property
    def days(self) -> Table:
        """The table of the plot: each day on which money came or went, with what came to the practice by each means.

        A day on which as much was undone as was taken has a row: the file has both.
        """
        columns = ("online", *self.means, "practice", "returned")
        shown = (*columns, "undone")
        named = [
            (day_name(day), figures) for day, figures in self.by_day if any(getattr(figures, name) for name in shown)
        ]
        return self.table(_("Day by day"), pgettext("column", "Day"), named, columns)

    @cached_property
    def by_day(self) -> list[tuple[date, Figures]]:
        return list(self.of.by_day(self.month.days, self.month.zone))

    def table(self, name: str, first: str, named: Iterable[tuple[str, Figures]], columns: Iterable[str]) -> Table:
        heads = [first, *(head(column) for column in columns)]
        rows = [self.row(one, figures, columns) for one, figures in named]
        label = _("%(table)s, in %(currency)s") % {"table": name, "currency": self.currency}
        return Table(name, label, heads, rows, self.row(_("All"), self.total, columns))

    def row(self, name: str, figures: Figures, columns: Iterable[str]) -> Row:
        amounts = {column: getattr(figures, column) for column in columns}
        return Row(name, [(head(column), self.amount(units), not units) for column, units in amounts.items()])

    @property
    def plot(self) -> Plot | None:
        """None where nothing came or went."""
        plot = Plot([figures for _day, figures in self.by_day])
        return plot if plot.most else None

    @property
    def ends(self) -> list[str]:
        """The first day of the plot and the last, as they are written below it."""
        return [customs.date_with(day, "MMMd") for day in (self.month.days[0], self.month.days[-1])]

    @property
    def scale(self) -> str:
        return _("The highest bar is %(amount)s.") % {"amount": self.amount(self.plot.most if self.plot else 0)}


def head(column: str) -> str:
    return str({**HEADS, **MEANS}[column])


def many_payments(count: int) -> str:
    return ngettext("%(count)d payment", "%(count)d payments", count) % {"count": count}


def many_refunds(count: int) -> str:
    return ngettext("%(count)d refund", "%(count)d refunds", count) % {"count": count}


def many_appointments(count: int) -> str:
    return ngettext("%(count)d appointment", "%(count)d appointments", count) % {"count": count}


def many_disputes(count: int) -> str:
    words = ngettext(
        "%(count)d payment, which a bank holds or has taken back",
        "%(count)d payments, which a bank holds or has taken back",
        count,
    )
    return words % {"count": count}


def unknown_fees(count: int) -> Iterator[str]:
    if count:
        words = ngettext(
            "Stripe has not said the fee of %(count)d payment yet",
            "Stripe has not said the fees of %(count)d payments yet",
            count,
        )
        yield words % {"count": count}
