"""What a message costs as one thing grows, everything else the same: the works of scripts/bench --growth."""

from dataclasses import asdict, dataclass, field, replace
from typing import Callable

from load import Loader, Mail, Traffic
from measure import Comparison
from messages import INSIDE, OUTSIDE
from ours import Signetd, with_settings
from program import SELECTOR
from works import KIB, MIB, TO_CHECK, TO_SIGN, Work

SMALL = Mail(2 * KIB, **TO_CHECK)
FAR_MS = 10  # the DNS where depth is waited for


@dataclass(frozen=True)
class Point:
    """One size of what grows, and what is measured there."""

    at: int
    job: str
    mail: Mail
    full: Traffic
    settings: dict = field(default_factory=dict)
    expected: str = ""  # in the inserted fields; empty: what the job wants
    figure: str = "cpu_ms"
    dns_ms: int = 0

    def traffic(self, is_short):
        return replace(self.full, messages=max(self.full.messages // 4, min(self.full.sessions * 2, 200))) if is_short else self.full


@dataclass(frozen=True)
class Growth:
    name: str
    title: str
    points: list
    point: Callable  # of a size

    def rows(self, site, rounds, is_short):
        """A row for each point; the ratio is this point's figure to the first one's."""
        rows = [self._row(site, self.point(at), rounds, is_short) for at in self.points]
        figure = rows[0]["figure"]
        return [row | {"ratio": row[figure] / rows[0][figure]} for row in rows]

    def _row(self, site, point, rounds, is_short):
        traffic = point.traffic(is_short)
        work = Work(self.name, self.title, point.job, point.mail, traffic, traffic, figure=point.figure, dns_ms=point.dns_ms)
        program = with_settings(point.settings)
        if point.expected:
            program.says = {point.job: point.expected}
        return Comparison(site, work, [program], rounds, traffic).rows()[0] | {"at": point.at}


def _size(octets):
    return Point(octets, "inbound", Mail(octets, **TO_CHECK), Traffic(max(min(2000, 400 * MIB // octets), 20)))


def _size_signed(octets):
    return Point(octets, "sign", Mail(octets, **TO_SIGN), Traffic(max(min(2000, 400 * MIB // octets), 20)))


def _signatures(count):
    settings = {"dkim": {"max-signatures": count, "max-verified": count}}
    return Point(count, "inbound", replace(SMALL, signatures=count), Traffic(2000), settings)


def _fields(count):
    return Point(count, "inbound", replace(SMALL, fields=count), Traffic(2000), {"": {"max-header-octets": 2 * MIB}})


def _sessions(count):
    return Point(count, "inbound", SMALL, Traffic(4000, sessions=count))


def _depth(lookups, **more):
    mail = replace(SMALL, sender=f"ann@d{lookups}.n{{n}}.example")
    return Point(lookups, "inbound", mail, expected="spf=pass", **more)


def _depth_warm(lookups):
    return _depth(lookups, full=Traffic(2000))


def _depth_cold(lookups):
    return _depth(lookups, full=Traffic(24, sessions=1, is_new=True), figure="p50_ms", dns_ms=FAR_MS)


def _domains(count):
    """As many rules, all with one key; as many messages' domains, up to a thousand of them."""
    keys = {"selector": SELECTOR}
    settings = {"sign": {"rule": [{"from": f"n{number:07}.example", **keys} for number in range(count)]}}
    mail = Mail(2 * KIB, INSIDE, is_signed=False)
    return Point(count, "sign", mail, Traffic(2000, different=min(count, 1000)), settings)


GROWTHS = [
    Growth("size", "octets of a message that is checked", [2 * KIB, 20 * KIB, 200 * KIB, 2 * MIB, 20 * MIB], _size),
    Growth("size-sign", "octets of a message that is signed", [2 * KIB, 20 * KIB, 200 * KIB, 2 * MIB, 20 * MIB], _size_signed),
    Growth("signatures", "signatures, all verified, 2 KB", [1, 2, 5, 10, 20], _signatures),
    Growth("fields", "header fields", [10, 50, 200, 1000, 2000], _fields),
    Growth("domains", "domains with a signing rule", [1, 10, 100, 1000, 10_000], _domains),
    Growth("sessions", "sessions at once, 2 KB", [1, 10, 100, 1000], _sessions),
    Growth("spf-depth", "SPF lookups, known", [0, 1, 2, 5, 10], _depth_warm),
    Growth("spf-depth-cold", f"SPF lookups that depend on each other, DNS {FAR_MS} ms away", [0, 1, 2, 5, 10], _depth_cold),
]


class CacheGrowth:
    """Names that the DNS was asked for, and what remembering them takes: one daemon, on and on."""

    name = "cache"
    title = "names asked for so far, 14 by each message; cache of 32 MiB"
    NAMES = 14
    BATCH = 5000  # messages that the client prepares at a time
    MAIL = Mail(2 * KIB, OUTSIDE, is_signed=False, sender="ann@wide.n{n}.example")

    def rows(self, site, _, is_short):
        daemon = Signetd(site, "inbound").start()
        try:
            points = [self.NAMES, 10_000, 100_000] + ([] if is_short else [1_000_000])
            return [self._row(site, daemon, at) for at in self._from_to(points)]
        finally:
            daemon.stop()

    def _from_to(self, points):
        return [(at, at - before) for before, at in zip([0, *points], points)]

    def _row(self, site, daemon, at):
        point, names = at
        loader = Loader(site, self.MAIL, "", verdict="reply", code=550)  # neither SPF nor a signature
        before = site.dns.count()
        figures = [loader.run(daemon, Traffic(messages, is_new=True)) for messages in self._batches(names // self.NAMES)]
        row = {"work": self.name, "title": self.title, "figure": "rss_mib", "program": daemon.name, "ratio": None, "at": point}
        return row | asdict(figures[-1]) | {"questions": site.dns.count() - before}

    def _batches(self, messages):
        return [min(self.BATCH, messages - start) for start in range(0, messages, self.BATCH)]


GROWTHS.append(CacheGrowth())
