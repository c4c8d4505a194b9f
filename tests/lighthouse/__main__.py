"""`make lighthouse` rates the pages that a client walks through, as Lighthouse sees them on a slow phone.

Each page is rated in two languages, in light colours and in dark ones. They are served by gunicorn with collected files
and production settings, on a database that is thrown away.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from statistics import median
from urllib.parse import quote

import psutil

from tests.browser import WHOLE, find_browser
from tests.gunicorn import collect_static_files, gunicorn, set_up_django

LIGHTHOUSE = ["npx", "--yes", "lighthouse@12.8.2"]
CHROME_FLAGS = "--headless=new --no-sandbox --disable-gpu --disable-background-networking"
RUNS = 3
# Now and then Lighthouse itself fails, and says nothing of the page; it is then run again, so many times in all. One
# try may take so many seconds; ten or twenty are usual.
TRIES, SECONDS = 3, 180
# No median of a page may be lower than these, in points of 100.
LEAST = {"performance": 95, "accessibility": 100, "best-practices": 100, "seo": 100}
CAPTION = f"""
Median of {RUNS} runs. Calendars and the pages of one appointment ask crawlers to stay away, on purpose: for those
marked with an asterisk, the audit `is-crawlable` is left out of SEO.
"""


class LighthouseFailed(Exception):
    """Lighthouse itself failed, which says nothing of the page."""


@dataclass(frozen=True)
class Reader:
    """Who looks at a page: the language of their browser, and which colours they have asked it for."""

    language: str
    colours: str

    @property
    def options(self) -> list[str]:
        """What makes Lighthouse, and the browser that it starts, such a reader's."""
        scheme = {"dark": 0, "light": 1}[self.colours]  # as Chromium numbers what a page may ask for
        return [
            f"--extra-headers={json.dumps({'Accept-Language': self.language})}",
            f"--chrome-flags={CHROME_FLAGS} --blink-settings=preferredColorScheme={scheme}",
        ]


READERS = [Reader(language, colours) for language in ("en", "es") for colours in ("light", "dark")]


@dataclass(frozen=True)
class Page:
    name: str
    path: str
    closed_to_crawlers: bool = False

    @property
    def title(self) -> str:
        return f"{self.name} *" if self.closed_to_crawlers else self.name


def main() -> str | None:
    with tempfile.TemporaryDirectory() as folder:
        # Held times are kept for a day, so that none is given back while the pages are measured.
        set_up_django(DATABASE_URL=f"sqlite:///{folder}/lighthouse.sqlite3", HOLD_MINUTES="1440")
        pages = list(fill_and_name_the_pages())
        collect_static_files()
        with gunicorn(DATABASE_URL=os.environ["DATABASE_URL"]) as server:
            scores = {(page, reader): measure(server.address, page, reader) for page in pages for reader in READERS}
    print(table(scores), CAPTION, sep="\n")
    below = [
        f"{page.name} ({reader.language}, {reader.colours})"
        for (page, reader), medians in scores.items()
        if any(medians[name] < LEAST[name] for name in LEAST)
    ]
    return f"Below the bar: {', '.join(below)}." if below else None


def fill_and_name_the_pages() -> Iterator[Page]:
    from django.core.management import call_command  # these imports need Django to be set up
    from django.utils import timezone

    from booking.models import Provider
    from booking.schedule.diary import Diary
    from tests.factories import book

    call_command("migrate", verbosity=0)
    call_command("demo", empty=True, verbosity=0)
    provider = Provider.objects.bookable()[0]
    service = provider.offered[0]
    diary = Diary(provider, service, timezone.now())
    to_hold, to_confirm, to_choose = diary.nearest_free(timezone.now() + timedelta(days=7), count=9)[::4]
    held, confirmed = book(provider, to_hold, service=service), book(provider, to_confirm, service=service)
    confirmed.confirm()

    choice = f"/?provider={provider.slug}&service={service.slug}"
    yield Page("Start page", "/")
    yield Page("Calendar", choice, closed_to_crawlers=True)
    yield Page("Details", f"{choice}&time={quote(to_choose.isoformat())}", closed_to_crawlers=True)
    yield Page("Pay", f"/payments/{held.reference}/", closed_to_crawlers=True)
    yield Page("Appointment confirmed", f"/appointments/{confirmed.reference}/", closed_to_crawlers=True)


def measure(address: str, page: Page, reader: Reader) -> dict[str, float]:
    options = [*reader.options, *(["--skip-audits=is-crawlable"] if page.closed_to_crawlers else [])]
    reports = [run(address + page.path, options) for _ in range(RUNS)]
    for fault in sorted({fault for report in reports for fault in faults(report)}):
        print(f"{page.name} ({reader.language}, {reader.colours}): {fault}", file=sys.stderr)
    return {name: median(report["categories"][name]["score"] * 100 for report in reports) for name in LEAST}


def run(url: str, options: Sequence[str]) -> dict:
    """Return the report on a page, in the first try in which Lighthouse makes one, whatever that says of the page."""
    for attempt in range(1, TRIES + 1):
        try:
            return report_on(url, options)
        except LighthouseFailed as failure:
            print(f"Try {attempt} of {TRIES} at {url}: {failure}", file=sys.stderr)
    raise RuntimeError(f"Lighthouse could not look at {url} in {TRIES} tries; what it said is above.")


def report_on(url: str, options: Sequence[str]) -> dict:
    """Run Lighthouse once. Raises LighthouseFailed if it breaks off, does not end or leaves out a score."""
    always = [f"--only-categories={','.join(LEAST)}", "--output=json", "--quiet"]
    report = json.loads(printed_by([*LIGHTHOUSE, url, *always, *options]))
    if "runtimeError" in report:
        raise LighthouseFailed(f"Lighthouse broke off: {report['runtimeError']['message']}")
    if unrated := [name for name, category in report["categories"].items() if category["score"] is None]:
        raise LighthouseFailed(f"Lighthouse gave no score for {', '.join(unrated)}.")
    return report


def printed_by(command: list[str]) -> str:
    """Return what a command prints. Raises LighthouseFailed if it fails, or is not done after SECONDS."""
    environment = {**os.environ, "CHROME_PATH": find_browser(*WHOLE)}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            printed, _ = process.communicate(timeout=SECONDS)
        except subprocess.TimeoutExpired:
            kill_with_all_it_started(process.pid)
            raise LighthouseFailed(f"Lighthouse was not done after {SECONDS} seconds.") from None
    if process.returncode:
        raise LighthouseFailed(f"Lighthouse exited with {process.returncode}.")
    return printed


def kill_with_all_it_started(pid: int) -> None:
    """Kill npx, Lighthouse and the browser, each of which would outlive the one that started it."""
    process = psutil.Process(pid)
    for one in [process, *process.children(recursive=True)]:
        one.kill()


def faults(report: dict) -> Iterator[str]:
    """Yield what each audit found that counts towards a score and reached less than 0.9 of 1 itself."""
    for name, category in report["categories"].items():
        for weighed in category["auditRefs"]:
            audit = report["audits"][weighed["id"]]
            if weighed["weight"] and audit["score"] is not None and audit["score"] < 0.9:
                yield f"{name}: {audit['title']} ({audit.get('displayValue', weighed['id'])})"


def table(scores: dict[tuple[Page, Reader], dict[str, float]]) -> str:
    head = ["page", "language", "colours", *LEAST]
    rows = [head, ["---"] * len(head)]
    rows += [
        [page.title, reader.language, reader.colours, *(f"{medians[name]:.0f}" for name in LEAST)]
        for (page, reader), medians in scores.items()
    ]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


if __name__ == "__main__":
    sys.exit(main())
