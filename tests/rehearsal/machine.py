"""An empty Debian 12 in a folder, which boots with its own systemd and in a network that is loopback and no more."""

import ctypes
import os
import pty
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil

PACKAGES = "systemd-sysv,dbus,ca-certificates"
# What this machine knows of its name servers and package registries; the rest of the Debian is as new.
CARRIED = (
    "etc/resolv.conf",
    "etc/apt/sources.list",
    "etc/apt/sources.list.d",
    "etc/apt/apt.conf.d",
    "etc/apt/keyrings",
    "etc/pip.conf",
)
# Whom this machine believes. It is a file of its own there, as installing ca-certificates writes the usual one anew.
BELIEVED_HERE, BELIEVED_THERE = "/etc/ssl/certs/ca-certificates.crt", "/etc/believed-outside.crt"
BOOTED_WITHIN, STOPPED_WITHIN = 60, 30
CLONE_NEWNS, CLONE_NEWNET = 0x00020000, 0x40000000


@dataclass
class Machine:
    root: Path
    leader: int
    """Its first process, by the number that it has outside."""
    outside: int
    """The file descriptor of the network in which there are registries."""
    log: Path
    exported: dict[str, str] = field(default_factory=dict)
    """What a person exported in the shell."""

    def run(self, script: str, *, online: bool = False) -> str:
        """Run a script of bash as root, and return all that it printed. Raises Failed.

        With `online` it reaches registries, as the machine outside does, but no server of this machine.
        """
        process = subprocess.run(
            self.command(script, online=online),
            pass_fds=[self.outside],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        self.write(script, process.stdout)
        if process.returncode:
            raise Failed(f"Status {process.returncode} of:\n{script}\n{process.stdout[-4000:]}")
        return process.stdout

    def run_at_terminal(self, script: str, answers: Mapping[str, str]) -> str:
        """Run a script that asks questions, and answer each when it is asked. Raises Failed."""
        ours, theirs = pty.openpty()
        process = subprocess.Popen(
            self.command(script), pass_fds=[self.outside], stdin=theirs, stdout=theirs, stderr=theirs
        )
        os.close(theirs)
        said = ""
        for question, answer in answers.items():
            said += read_until(ours, question)
            os.write(ours, f"{answer}\n".encode())
        said += read_until(ours)
        self.write(script, said)
        if process.wait():
            raise Failed(f"Status {process.returncode} of:\n{script}\n{said}")
        return said

    def command(self, script: str, *, online: bool = False) -> list[str]:
        known = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "LANG": "C.UTF-8", "TERM": "dumb"}
        known |= {"DEBIAN_FRONTEND": "noninteractive", **self.exported}
        if online:
            known |= {name: text for name, text in os.environ.items() if is_about_registries(name)}
            known |= {"PIP_CERT": BELIEVED_THERE}
        network = ["nsenter", f"--net=/proc/self/fd/{self.outside}"] if online else []
        inside = ["nsenter", f"--target={self.leader}", "--mount", "--uts", "--ipc", "--pid"]
        shell = ["bash", "-euo", "pipefail", "-c", f"cd /root\n{script}"]
        return [*network, *inside, "env", "-i", *(f"{name}={text}" for name, text in known.items()), *shell]

    def write(self, script: str, said: str) -> None:
        with self.log.open("a") as log:
            log.write(f"\n$ {script.strip()}\n{said}")


class Failed(Exception):
    """A script ended with another status than 0."""


def is_about_registries(name: str) -> bool:
    return name.startswith("PIP_") or name.lower().endswith("_proxy")


def read_until(terminal: int, question: str = "") -> str:
    """Read what is printed until that question has been asked, or to the end."""
    said = b""
    while not question or question.encode() not in said:
        try:
            said += os.read(terminal, 1024)
        except OSError:  # the other side has ended
            break
    return said.decode(errors="replace")


def leave_the_network() -> int:
    """Move this process into a network with nothing but loopback, and return a file descriptor of the one it was in.

    Mounts that it makes from now on are its own too.
    """
    outside = os.open("/proc/self/ns/net", os.O_RDONLY)
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNS | CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "The rehearsal needs root, and namespaces of its own.")
    subprocess.run(["mount", "--make-rprivate", "/"], check=True)
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    return outside


def empty_debian(folder: Path) -> Path:
    """Return the folder of an empty Debian. It is fetched once and kept, since that takes a minute or two."""
    debian = folder / "debian"
    if not debian.exists():
        fetched = folder / "debian.part"
        shutil.rmtree(fetched, ignore_errors=True)
        subprocess.run(["debootstrap", "--variant=minbase", f"--include={PACKAGES}", "bookworm", fetched], check=True)
        fetched.rename(debian)
    return debian


def new_machine(folder: Path, name: str, hosts: str) -> Path:
    """Copy the empty Debian to a machine of that name, and give it those lines of /etc/hosts."""
    root = folder / name
    shutil.rmtree(root, ignore_errors=True)
    subprocess.run(["cp", "--archive", empty_debian(folder), root], check=True)
    for path in CARRIED:
        carry(Path("/") / path, root / path)
    shutil.copy(BELIEVED_HERE, f"{root}{BELIEVED_THERE}")
    (root / "etc/hosts").write_text(hosts)
    return root


def carry(here: Path, there: Path) -> None:
    if here.is_dir():
        shutil.copytree(here, there, dirs_exist_ok=True)
    elif here.exists():
        there.unlink(missing_ok=True)
        shutil.copy(here, there)


@contextmanager
def booted(root: Path, outside: int, log: Path) -> Iterator[Machine]:
    """Boot the machine in the network of this process."""
    command = ["systemd-nspawn", f"--directory={root}", "--boot", "--machine=rehearsal", "--resolv-conf=off"]
    # These let it boot as well where systemd does not run outside, as in a container.
    command += ["--register=no", "--keep-unit", "--console=read-only"]
    known = {**os.environ, "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1"}
    log.unlink(missing_ok=True)
    with log.open("a") as console:
        nspawn = subprocess.Popen(command, env=known, stdin=subprocess.DEVNULL, stdout=console, stderr=console)
    try:
        machine = Machine(root, first_process(nspawn), outside, log)
        machine.run("systemctl is-system-running --wait || systemctl --failed")
        yield machine
    finally:
        nspawn.terminate()  # which powers it off
        try:
            nspawn.wait(STOPPED_WITHIN)
        except subprocess.TimeoutExpired:
            nspawn.kill()


def first_process(nspawn: subprocess.Popen) -> int:
    """Wait until systemd answers inside. Raises Failed."""
    give_up = time.monotonic() + BOOTED_WITHIN
    while time.monotonic() < give_up and nspawn.poll() is None:
        for child in psutil.Process(nspawn.pid).children():
            if Path(f"/proc/{child.pid}/root/run/systemd/private").exists():
                return child.pid
        time.sleep(0.2)
    raise Failed("The machine did not boot; the log says why.")
