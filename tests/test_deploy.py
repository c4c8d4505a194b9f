"""The files in deploy/ and the documents about them, as far as they can be tested without a server.

`make deploy-rehearsal` follows the documents on an empty machine.
"""

import configparser
import re
import runpy
import subprocess
from ipaddress import ip_address
from itertools import combinations

import pytest
import yaml

from booking.limits import network_hash
from config.environment import GROUPS
from tests.config.starting import start
from tests.rehearsal.document import blocks
from tests.repository import ROOT
from tests.test_around import PROJECT, read

pytestmark = pytest.mark.any_engine

DEPLOY = ROOT / "deploy"
SCRIPTS = [DEPLOY / name for name in ("release", "manage", "backup", "restore")]
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
GUNICORN = runpy.run_path(str(ROOT / "gunicorn.conf.py"))
NGINX = (DEPLOY / "nginx/practice.conf").read_text()
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
CONTAINERFILE = (DEPLOY / "Containerfile").read_text()
VARIABLES = [variable for group in GROUPS.values() for variable in group]
# Each line has the addresses of one network, in all the ways in which zeros may be left out of them.
NETWORKS = [
    ["198.51.100.7"],
    ["198.51.100.8"],
    ["2001:db8::1", "2001:db8::2:0:0:1", "2001:db8:0:0:1::", "2001:db8::a0a:a0a:a0a:a0a"],
    ["2001:db8:0:1::1", "2001:db8:0:1:a::"],
    ["2001:db8:0:a0a::1", "2001:db8:0:a0a:1:2:3:4"],
    ["2001:db8:1::", "2001:db8:1::1:0:0:1"],
]
# The longest wait for Stripe, after which a page gives up by itself.
A_PERSON_WAITS = 20


def name_of(path):
    return path.name


def settings_file():
    lines = (DEPLOY / "environment").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


# One machine


@pytest.mark.parametrize("script", SCRIPTS, ids=name_of)
def test_a_script_can_be_read_by_bash_and_run(script):
    subprocess.run(["bash", "-n", script], check=True)
    assert script.stat().st_mode & 0o111 == 0o111


@pytest.mark.parametrize("heading", blocks())
def test_a_block_of_the_document_can_be_read_by_bash(heading):
    for block in blocks()[heading]:
        subprocess.run(["bash", "-n"], input=block, text=True, check=True)


def test_the_rehearsal_follows_every_block():
    steps = "".join(path.read_text() for path in (ROOT / "tests/rehearsal").glob("*.py"))
    assert [heading for heading in blocks() if f'"{heading}"' not in steps] == []


def test_what_documents_and_units_call_a_file_of_the_release_is_one():
    told = [read("docs/deploy.md"), NGINX, *(path.read_text() for path in (*SCRIPTS, *UNITS))]
    named = set(re.findall(r"/srv/practice/(?:current|repository)/(deploy/[\w./-]*\w)", "".join(told)))
    assert len(named) > 5
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_the_settings_that_a_machine_begins_with_are_settings_and_start_the_site():
    given = settings_file()
    assert given.keys() - {variable.name for variable in VARIABLES} == {"WEB_CONCURRENCY"}
    process = start("import django; django.setup()", **{**given, "SECRET_KEY": "s" * 64})
    assert (process.returncode, process.stderr) == (0, "")


def test_without_a_key_of_its_own_a_machine_does_not_start():
    process = start("import django; django.setup()", **settings_file())
    assert "SECRET_KEY is required when DEBUG is off." in process.stderr


@pytest.mark.parametrize("unit", UNITS, ids=name_of)
def test_a_unit_runs_what_is_there(unit):
    service = configparser.RawConfigParser(strict=False)
    service.read(unit)
    program, *words = service["Service"]["ExecStart"].split()
    assert [word for word in words if word.endswith(".py") and not (ROOT / word).exists()] == []
    assert re.match(r"/srv/practice/current/(deploy/|\.venv/bin/(python|gunicorn)$)|pgbackrest$", program)


def test_whoever_stops_gunicorn_waits_longer_than_gunicorn_does():
    unit = read("deploy/systemd/practice-web.service")
    stops = [re.search(r"TimeoutStopSec=(\d+)", unit)[1], COMPOSE["services"]["web"]["stop_grace_period"].rstrip("s")]
    assert A_PERSON_WAITS < GUNICORN["graceful_timeout"] < min(map(int, stops))
    # Whoever comes meanwhile waits at the proxy, also until the next gunicorn has started.
    assert int(re.search(r"proxy_read_timeout (\d+)s;", NGINX)[1]) > 2 * GUNICORN["graceful_timeout"]


def test_the_proxy_passes_on_nothing_that_a_client_says_about_itself():
    set_anew = dict(re.findall(r"proxy_set_header (\S+) (\S+);", NGINX))
    assert (set_anew["X-Forwarded-For"], set_anew["X-Forwarded-Proto"]) == ("$remote_addr", "$scheme")
    dropped = {"X-Request-ID", "Forwarded", "X-Forwarded-Host", "X-Real-IP", "Proxy"}
    assert {name for name, value in set_anew.items() if value == '""'} == dropped


def counted_by_the_proxy(address):
    """Return what nginx counts the address as: what the expression finds in its bytes, and else all of them."""
    [half] = re.findall(r'default \$binary_remote_addr;\n  "~(.+)" \$half;', NGINX)
    packed = ip_address(address).packed
    found = re.search(half.encode(), packed)
    return found["half"] if found else packed


@pytest.mark.parametrize("count", [counted_by_the_proxy, network_hash])
def test_the_proxy_and_the_site_count_by_the_same_networks(count):
    addresses = [(address, number) for number, network in enumerate(NETWORKS) for address in network]
    for (one, its_network), (other, another) in combinations(addresses, 2):
        assert (count(one) == count(other)) == (its_network == another), f"{one} and {other}"


def test_the_proxy_has_words_for_all_that_it_refuses():
    [statuses] = re.findall(r"error_page ([\d ]+) /proxy-errors", NGINX)
    refused = {"413", "414", "429", "431"}
    assert set(statuses.split()) == refused | {"503"}
    for words in ("title", "detail"):
        [said] = re.findall(rf"map \$status \$practice_{words} {{\n(.*?)}}", NGINX, re.DOTALL)
        assert set(re.findall(r"^  (\d+) \"", said, re.MULTILINE)) == refused


def test_an_address_that_gunicorn_does_not_take_does_not_get_there():
    [longest] = re.findall(r'if \(\$request_uri ~ "\^\.\{(\d+)\}"\) \{\n +return 414;', NGINX)
    assert int(longest) + len("OPTIONS  HTTP/1.1") <= GUNICORN["limit_request_line"]


def test_the_proxy_repeats_only_what_can_be_repeated():
    assert re.findall(r"proxy_next_upstream ([^;]*);", NGINX) == ["error timeout"]


def test_the_proxy_writes_no_address_into_a_log():
    [form] = re.findall(r"log_format practice '([^']*)';", NGINX)
    assert set(re.findall(r"\$\{?(\w+)", form)) == {
        "request_method",
        "status",
        "request_time",
        "sent_http_x_request_id",
    }
    assert re.findall(r"access_log (\S+)(?: practice)?;", NGINX)[0] == "off"
    assert re.findall(r"error_log .* (\w+);", NGINX) == ["crit"]


# Containers


def copied():
    """Return what the image gets from the repository."""
    lines = re.findall(r"^COPY (?!--from)(.+) \S+$", CONTAINERFILE, re.MULTILINE)
    return {name for line in lines for name in line.split()}


def test_the_image_has_every_package_of_the_product_and_what_it_serves_with():
    packages = set(PROJECT["tool"]["importlinter"]["root_packages"])
    assert copied() == packages | {"static", "templates", "manage.py", "gunicorn.conf.py", "requirements.txt"}


def test_a_build_sees_only_what_is_copied():
    everything, *rest = read("deploy/Containerfile.dockerignore").splitlines()[1:]
    assert everything == "*"
    assert {line.removeprefix("!") for line in rest if line.startswith("!")} == copied()


def test_no_secret_is_in_the_image():
    secrets = [variable.name for variable in VARIABLES if variable.secret]
    assert len(secrets) > 3
    assert [name for name in secrets if name in CONTAINERFILE] == []
    assert re.findall(r"^(?:ARG|ADD) .*", CONTAINERFILE, re.MULTILINE) == []


def test_every_container_of_the_site_is_confined_and_waits_for_the_migrations():
    for name in ("migrate", "web", "tick"):
        service = COMPOSE["services"][name]
        assert (service["read_only"], service["cap_drop"]) == (True, ["ALL"])
        assert service["image"] == COMPOSE["x-site"]["image"]
    for name in ("web", "tick"):
        service = COMPOSE["services"][name]
        assert service["depends_on"] == {"migrate": {"condition": "service_completed_successfully"}}
        assert service["scale"] == 2


def test_the_composition_mounts_files_that_are_there():
    mounted = [volume.split(":")[0] for volume in COMPOSE["services"]["proxy"]["volumes"]]
    ours = [path for path in mounted if path.startswith(".")]
    assert len(ours) == 3
    assert [path for path in ours if not (DEPLOY / path).exists()] == []


# Migrations


def test_the_linter_leaves_out_only_migrations_that_are_there():
    from tests.migration_linter import MADE_BEFORE_ANY_RELEASE

    there = {path.stem for path in ROOT.glob("*/migrations/0*.py")}
    assert set(MADE_BEFORE_ANY_RELEASE) - there == set()
