"""check_host() of us and of others, all on one zone: check(cases) gives an Answer for each."""

import importlib.util
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from harness.system import program
from harness.zone import TEXT_OCTETS, DnsZone
from peers.dkim_desks import has_perl_module
from peers.spf_cases import RECEIVER

HERE = Path(__file__).resolve().parent
ALIASES = 10


@dataclass(frozen=True)
class Answer:
    result: str
    reason: str
    explanation: str  # empty: none, or not a fail


class World:
    """The zone of all cases, in memory and as the files that the programs read."""

    def __init__(self, cases):
        self._records = {}
        self._failures = {}
        self._existing = set()
        self.asked = set()
        for case in cases:
            self.add(case)

    def exists(self, name):
        return name in self._existing

    def add(self, case):
        for name, kind, data in case.records:
            self._records.setdefault((name.lower(), kind), []).append(data)
            labels = name.lower().split(".")
            self._existing.update(".".join(labels[at:]) for at in range(len(labels)))
        self._failures.update({(name.lower(), kind): how for name, kind, how in case.failures})

    def find(self, name, kind):
        """Records, aliases followed: a list of (owner, type, data). Raises TimeoutError or OSError where the zone says so."""
        found = []
        for _ in range(ALIASES):
            name = name.lower().rstrip(".")
            self.asked.add((name, kind))
            if how := self._failures.get((name, kind)):
                raise TimeoutError if how == "timeout" else OSError(how)
            alias = self._records.get((name, "CNAME"))
            if not alias:
                return found + [(name, kind, data) for data in self._records.get((name, kind), [])]
            found.append((name, "CNAME", alias[0]))
            name = alias[0]
        return found

    def write(self, folder):
        """`zone` in RFC 1035 form, `zone.tab` as lines of name, type and data in hexadecimal."""
        zone = DnsZone()
        zone.records.update({(escaped(name), kind): data for (name, kind), data in self._records.items()})
        zone.failures.update({(escaped(name), kind): how for (name, kind), how in self._failures.items()})
        lines = [(name, kind, data) for (name, kind), all_data in self._records.items() for data in all_data]
        lines += [(name, kind, how) for (name, kind), how in self._failures.items()]
        table = folder / "zone.tab"
        table.write_text("".join(f"{name}\t{kind}\t{data.encode().hex()}\n" for name, kind, data in lines))
        return zone.write(folder / "zone"), table


def escaped(name):
    """As RFC 1035 §5.1 has octets that mean something else in a file."""
    return re.sub(rb"[^\w.-]", lambda match: b"\\%03d" % ord(match[0]), name.encode()).decode()


def ask(command, cases):
    """A program that answers lines with lines; spf_desk.cpp has the protocol."""
    requests = "".join(f"{case.client}\t{case.helo}\t{case.sender}\n" for case in cases)
    done = subprocess.run(list(map(str, command)), input=requests.encode(), stdout=subprocess.PIPE, check=True)
    answers = [Answer(*line.split("\t")) for line in done.stdout.decode("utf-8", "backslashreplace").splitlines()]
    if len(answers) != len(cases):
        raise AssertionError(f"{command[0]}: {len(answers)} answers to {len(cases)} questions")
    return answers


def check_ourselves(cases, folder):
    zone, _ = World(cases).write(folder)
    return ask([program("tests/spf_desk"), zone, RECEIVER], cases)


def check_with_mail_spf(cases, folder):
    _, table = World(cases).write(folder)
    return ask(["perl", HERE / "mail_spf.pl", table, RECEIVER], cases)


def check_with_pyspf(cases):
    peer = PySpf(World(cases))
    return [peer.check(case) for case in cases]


def world_once_asked(cases):
    """The world of the cases, which remembers what it was asked, after python3-spf went through all of them."""
    world = World(cases)
    peer = PySpf(world)
    for case in cases:
        peer.check(case)
    return world


class PySpf:
    """python3-spf, its DNS replaced by the world's."""

    def __init__(self, world):
        import spf  # pylint: disable=import-outside-toplevel  # its import reads /etc/resolv.conf

        self._spf = spf
        self._world = world
        spf.DNSLookup = self._look_up

    def check(self, case):
        query = self._spf.query(i=case.client, s=case.sender, h=case.helo, receiver=RECEIVER, querytime=20)
        query.set_default_explanation("DEFAULT")
        result, _, text = query.check()
        explained = text if result == "fail" and text != "DEFAULT" else ""
        return Answer(result, "" if result == "fail" else text, explained)

    def _look_up(self, name, kind, *_):
        try:
            return [((owner, found), self._data(found, data)) for owner, found, data in self._world.find(name, kind)]
        except OSError as error:
            raise self._spf.TempError(f"DNS {error}") from error

    @staticmethod
    def _data(kind, data):
        if kind == "TXT":
            octets = data.encode()
            return [octets[at : at + TEXT_OCTETS] for at in range(0, len(octets), TEXT_OCTETS)] or [b""]
        if kind == "MX":
            preference, name = data.split()
            return int(preference), name.rstrip(".")
        return data.rstrip(".")


def missing_peers():
    missing = [] if importlib.util.find_spec("spf") else ["python3-spf"]
    return missing + ([] if has_perl_module("Mail::SPF") else ["Mail::SPF"])
