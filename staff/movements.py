"""The movements of a month as CSV, in the one form that all languages share, for whoever does the practice's books.

A spreadsheet would run a cell that begins like a formula, and names are typed by people. So a text that begins like one
gets an apostrophe before it, which makes it text. What came and what went are columns of their own, so that no amount
begins with a minus.
"""

import csv
from io import StringIO

from booking import money
from payments.month import Month, Movement

# With this mark Excel reads the file as UTF-8.
BYTE_ORDER_MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"
# The last four are the wide forms of the first, which some spreadsheets take for the same.
BEGIN_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
COLUMNS = (
    "moment",
    "date",
    "kind",
    "appointment",
    "provider",
    "service",
    "method",
    "in",
    "out",
    "currency",
    "fee",
    "fee_currency",
    "dispute",
    "charged_back",
    "receipt",
)


def as_csv(month: Month) -> str:
    file = StringIO()
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    writer.writerows([cell(value) for value in row(one, month)] for one in month.movements)
    return BYTE_ORDER_MARK + file.getvalue()


def row(one: Movement, month: Month) -> list[str]:
    """The values of the columns, by the practice's clock."""
    at, amount = one.at.astimezone(month.zone), written(one.amount, one.currency)
    return [
        at.isoformat(timespec="seconds"),
        at.date().isoformat(),
        one.kind,
        one.whose.reference[:6],
        one.whose.provider,
        one.whose.service,
        one.method,
        amount if one.came else "",
        "" if one.came else amount,
        one.currency.upper(),
        "" if one.fee is None else written(one.fee, one.fee_currency),
        one.fee_currency.upper(),
        one.dispute,
        written(one.charged_back, one.currency) if one.charged_back else "",
        month.receipts.get(one.line, ""),
    ]


def written(units: int, currency: str) -> str:
    """The amount with a point and no other signs, as `60.00`."""
    return money.decimal_string(money.from_minor_units(units, currency), currency)


def cell(value: str) -> str:
    """The value on one line, and as text if it begins like a formula."""
    on_one_line = " ".join(value.split())
    return f"'{on_one_line}" if on_one_line.startswith(BEGIN_A_FORMULA) else on_one_line
