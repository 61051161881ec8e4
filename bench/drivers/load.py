"""Runs milter_load against a program, and gives what it reported with what the program used meanwhile."""

import json
import subprocess
from dataclasses import dataclass
from typing import Optional

from harness.system import OWN_RESOLV_CONF, TIED, program
from messages import compose
from program import SELECTOR


@dataclass(frozen=True)
class Mail:
    """The messages of a work: all alike but for the number of their domain."""

    octets: int
    client: str
    is_signed: bool
    fields: int = 15
    signatures: int = 1
    sender: str = "ann@n{n}.example"


@dataclass(frozen=True)
class Traffic:
    """How they are sent."""

    messages: int
    sessions: int = 8
    each: int = 1  # messages of one session
    is_new: bool = False  # every message from a domain never seen before
    different: int = 1  # else: messages of so many domains, in turn


@dataclass
class Figures:
    """What one run gave; those that do not apply are None."""

    cpu_ms: Optional[float] = None  # of the program, per message
    msgs_per_s: Optional[float] = None
    p50_ms: Optional[float] = None
    p99_ms: Optional[float] = None
    rss_mib: Optional[float] = None


class WrongVerdict(Exception):
    """A program did not say what it should have: its figures mean nothing."""


class Loader:
    """Makes the messages of one kind of mail, and sends them."""

    _next_domain = 1  # number 0 is the domain that is known

    def __init__(self, site, mail, expected, verdict="delivered", code=0):
        self._site = site
        self._mail = mail
        self._file = site.folder / "message.eml"
        self._kind = {
            "name": "mail",
            "file": str(self._file),
            "client": mail.client,
            "helo": "mx.n{n}.example",
            "sender": mail.sender,
            "daemon_name": "mx",
            "verdict": verdict,
            "code": code,
            "inserted": expected,
        }
        if mail.is_signed:
            key = str(site.key.path)
            self._kind["sign"] = {"domain": "n{n}.example", "selector": SELECTOR, "key": key, "signatures": mail.signatures}

    def run(self, target, traffic):
        """One run with its figures. Raises WrongVerdict."""
        before = target.cpu_seconds()
        report = self.send(target, traffic)
        cpu = target.cpu_seconds() - before + report["children_cpu_s"]
        return Figures(
            cpu_ms=cpu * 1000 / traffic.messages,
            msgs_per_s=report["per_second"],
            p50_ms=report["p50_ms"],
            p99_ms=report["p99_ms"],
            rss_mib=target.resident_mib(),
        )

    def send(self, target, traffic):
        """One run; the client's report."""
        options = ["-n", traffic.messages, "-c", traffic.sessions, "-e", traffic.each]
        done = subprocess.run(self._command(target, traffic, options), stdout=subprocess.PIPE, text=True, check=False)
        if done.returncode == 2:
            raise WrongVerdict(f"{target.name} could not be talked to")
        report = json.loads(done.stdout)
        if done.returncode != 0:
            raise WrongVerdict(f"{target.name}: {report['failed']} of {traffic.messages}: {report['failures'][:1]}")
        return report

    def hold(self, target, sessions):
        """Sessions in the middle of a message; what `with` gives is the process that holds them."""
        command = self._command(target, Traffic(sessions, sessions), ["-c", sessions, "--hold"])
        return Held(command)

    def _command(self, target, traffic, options):
        self._write(traffic)
        first, *rest = target.sockets
        around = [*OWN_RESOLV_CONF, self._site.dns.resolv_conf] if target.policy else []
        more = [word for socket in rest for word in ("--then", socket)]
        more += [word for part in target.policy for word in ("--policy", part)]
        command = [*TIED, *around, program("bench/milter_load"), first, self._site.folder / "kinds.json", *more, *options]
        return [str(word) for word in command]

    def _write(self, traffic):
        self._file.write_bytes(compose(self._mail.octets, self._mail.fields))
        kind = self._kind | {"different": traffic.different}
        if traffic.is_new:
            kind.update(first=Loader._next_domain, different=traffic.messages)
            Loader._next_domain += traffic.messages
        (self._site.folder / "kinds.json").write_text(json.dumps([kind]))


class Held:
    def __init__(self, command):
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __enter__(self):
        if self._process.stdout.readline() != "holding\n":
            raise WrongVerdict("sessions could not be held")
        return self

    def __exit__(self, *_):
        self._process.communicate("\n")
