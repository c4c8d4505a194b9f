"""DEBUG left on: the site answers its own machine, and nobody who comes through a proxy."""

from collections.abc import Iterator

from tests.abuse import proxy
from tests.abuse.stage import Finding, Stage, finding

FROM_ELSEWHERE = {
    "X-Forwarded-For": "192.0.2.1",
    "X-Real-IP": "192.0.2.1",
    "Forwarded": "for=192.0.2.1;proto=https",
}


def attack(stage: Stage) -> Iterator[Finding]:
    with stage.site(DEBUG="on") as site:
        answer = site.get("/", headers={"Host": "localhost"})
        yield finding(site, "This machine asks", answer, answer.status_code == 200)
        for name, value in FROM_ELSEWHERE.items():
            answer = site.get("/", headers={"Host": "localhost", name: value})
            yield finding(site, f"A proxy names another machine in {name}", answer, answer.status_code == 403)
        if proxy.is_there():
            with proxy.nginx(site, silent=True) as proxied:
                answer = proxied.get("/")
            yield finding(site, "nginx rewrites Host and names nobody", answer, answer.status_code == 403)
