"""A private network: each machine is a network namespace on a bridge that leads nowhere else.

All of it exists only in the namespaces of the process that builds it, and is gone with that process, however it ends.
"""

import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import requests
import stripe

# These words before a command run it with a network, mounts and processes of its own. When it ends, or whoever started
# it, all these end.
NAMESPACES = ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
# Loopback is switched on before, since urllib3 finds out whether there is IPv6 only once, when it is imported.
WITH_LOOPBACK = ["sh", "-c", 'ip link set lo up && exec "$@"', "sh"]
IN_A_WORLD_OF_ITS_OWN = ["setpriv", "--pdeathsig=KILL", *NAMESPACES, *WITH_LOOPBACK]
# The machines have private addresses (RFC 4193), and clients those that are kept for examples (RFC 3849). All clients
# are in this process, which may use any of their addresses.
HERE, MACHINES, CLIENTS = "fd00::1", "fd00::/64", "2001:db8::/32"
# The machines' names end in .test (RFC 6761). These are where clients find the site, where Stripe is, and PostgreSQL.
SITE, STRIPE, DATABASE_URL = "https://book.test", "https://stripe.test", "postgres://postgres@database.test/postgres"


@dataclass(frozen=True)
class Machine:
    name: str
    address: str

    @property
    def host(self) -> str:
        return f"{self.name}.test"

    def command(self, *command: str | Path) -> list[str]:
        """Return the words that run a command on this machine."""
        return ["ip", "netns", "exec", self.name, *map(str, command)]


def build(folder: Path, names: Sequence[str]) -> dict[str, Machine]:
    """Join machines of these names to a bridge. Every machine, and this process, knows all of them by name."""
    machines = {name: Machine(name, f"fd00::{number}") for number, name in enumerate(names, start=10)}
    sh("mount -t tmpfs tmpfs /run")  # there `ip netns` keeps the names of namespaces
    sh("ip link add lan up type bridge")
    sh(f"ip -6 address add {HERE}/64 dev lan nodad")
    sh(f"ip -6 route add local {CLIENTS} dev lo")
    Path("/proc/sys/net/ipv6/ip_nonlocal_bind").write_text("1")
    for machine in machines.values():
        join(machine)
    know_names(folder, machines.values())
    return machines


def join(machine: Machine) -> None:
    name = machine.name
    sh(f"ip netns add {name}")
    sh(f"ip link add {name} up master lan type veth peer name eth0 netns {name}")
    sh(f"ip -n {name} link set lo up")
    sh(f"ip -n {name} link set eth0 up")
    sh(f"ip -n {name} -6 address add {machine.address}/64 dev eth0 nodad")
    sh(f"ip -n {name} -6 route add default via {HERE}")


def know_names(folder: Path, machines: Iterable[Machine]) -> None:
    hosts = folder / "hosts"
    hosts.write_text("".join(f"{machine.address} {machine.host}\n" for machine in machines))
    sh(f"mount --bind {hosts} /etc/hosts")


@dataclass(frozen=True)
class Certificate:
    certificate: Path
    key: Path


def trusted_certificate(folder: Path, *hosts: str) -> Certificate:
    """Make a certificate for these hosts, and have all processes trust it and no other.

    It takes the place of the lists that come with the libraries. The site verifies Stripe by the list of Stripe's SDK,
    and whatever else it calls by that of requests.
    """
    tls = Certificate(folder / "certificate.pem", folder / "key.pem")
    names = ",".join(f"DNS:{host}" for host in hosts)
    sh(
        f"openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -noenc -days 2 -subj /CN={hosts[0]} "
        f"-addext subjectAltName={names} -keyout {tls.key} -out {tls.certificate}"
    )
    for known in (requests.certs.where(), stripe.ca_bundle_path):
        sh(f"mount --bind {tls.certificate} {known}")
    return tls


def sh(command: str) -> None:
    """Run a command that says nothing unless it fails. Raises CalledProcessError."""
    done = subprocess.run(command.split(), capture_output=True, text=True, check=False)
    if done.returncode:
        sys.stderr.write(done.stderr)
        done.check_returncode()
