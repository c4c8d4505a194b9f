"""Too large: headers of 60 KB, bodies of 10 MB, and JSON that is nested 100,000 deep."""

from collections.abc import Iterator

from tests.abuse import proxy
from tests.abuse.site import Answer, Site, session_of
from tests.abuse.stage import Finding, Stage, audited, finding

KB60, MB10 = "x" * 60_000, "x" * 10_000_000
# What a server may answer where it takes no such headers, and no such address.
TOO_LONG = {400, 414, 431}
JSON = {"Content-Type": "application/json"}
HEADERS = {
    "60 KB in one header": {"X-Large": KB60},
    "60 KB of cookies": {"Cookie": f"holds={KB60}"},
    "60 KB in a hundred headers": {f"X-Large-{number}": "x" * 600 for number in range(100)},
}
DEEP = "[" * 100_000


def attack(stage: Stage) -> Iterator[Finding]:
    with stage.site() as site:
        site.book(site.slots()[0])
        yield from to(site, "gunicorn")
        if proxy.is_there():
            with proxy.nginx(site) as proxied:
                yield from to(proxied, "nginx")
        yield audited(site)


def to(site: Site, server: str) -> Iterator[Finding]:
    for what, headers in HEADERS.items():
        yield refused(site, f"{what}, to {server}", site.get("/", headers=headers), TOO_LONG)
    yield refused(site, f"60 KB of address, to {server}", site.get(f"/?date={KB60}"), TOO_LONG)
    for what, answer in bodies(site).items():
        yield refused(site, f"10 MB {what}, to {server}", answer, {413})
    for what, answer in nested(site).items():
        yield refused(site, f"100,000 brackets {what}, to {server}", answer, {400})


def bodies(site: Site) -> dict[str, Answer]:
    return {
        "to the API": site.post("/api/appointments", data=f'{{"note": "{MB10}"}}', headers=JSON),
        "in the form that books": site.post("/", data={"note": MB10}),
        "to the webhook": site.post("/payments/webhook/", data=MB10, headers=JSON),
        "at the admin's sign-in": site.post("/admin/login/", data={"username": MB10}),
    }


def nested(site: Site) -> dict[str, Answer]:
    return {
        "to the API": site.post("/api/appointments", data=DEEP, headers=JSON),
        "to the webhook": site.post("/payments/webhook/", data=DEEP, headers=JSON),
    }


def refused(site: Site, what: str, answer: Answer, expected: set[int]) -> Finding:
    """See that the answer is one of those, and that the site is well afterwards."""
    goes_on = site.get("/", browser=session_of("127.0.0.9"))
    is_right = answer is not None and answer.status_code in expected and goes_on.status_code == 200
    return finding(site, what, answer, is_right)
