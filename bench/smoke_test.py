#!/usr/bin/python3
"""The benchmark's programs do what they are for, on a handful of messages. No figure is looked at but for being there."""

from dataclasses import dataclass, replace

from bench_dns import BenchDns, zone_text
from growth import GROWTHS
from harness.keys import make_key
from harness.suite import Suite, expect, expect_equal
from harness.system import temporary_folder
from load import Loader, Traffic, WrongVerdict
from measure import Comparison
from ours import Floor, Signetd, with_settings
from program import SELECTOR, Site
from works import WORKS

MOST_OCTETS = 300_000  # several chunks
TINY = Traffic(6, sessions=2)
NEW = Traffic(6, sessions=3, is_new=True)
IMPATIENT = {"dns": {"timeout": "100ms", "tries": 1, "cache-failure-ttl": "0s"}}
ROW = {"work", "title", "figure", "program", "cpu_ms", "msgs_per_s", "p50_ms", "p99_ms", "rss_mib", "ratio"}

PYTHON = "/usr/bin/python3"
POLICY = """import sys
for line in sys.stdin:
    if line == "\\n":
        print("action=PREPEND Received-SPF: pass (so they say)\\n", flush=True)
"""

suite = Suite()


@dataclass
class Row:
    """What a Loader sends to: a policy server and filters in a row."""

    sockets: list
    policy: tuple
    name = "row"


class SmallSite:
    """A Site, as `with` wants it."""

    def __enter__(self):
        folder = temporary_folder()
        key = make_key(folder, SELECTOR)
        self._site = Site(folder, BenchDns(folder, zone_text(key.record()), port=0), key)
        return self._site

    def __exit__(self, *_):
        self._site.dns.stop()


def work_named(name):
    return next(work for work in WORKS if work.name == name)


@suite.table(
    [
        ("signing: rows of all programs, with all columns", "sign-2k", TINY),
        ("checking: the same", "verify-2k", TINY),
        ("bodies of several chunks", "verify-2m", TINY),
        ("domains never seen before", "inbound", NEW),
        ("several messages in a session", "inbound", Traffic(6, sessions=2, each=3)),
        ("the wait that a TCP socket adds", "inet", TINY),
        ("memory while sessions are in the middle of a message", "rss-0", Traffic(1, sessions=2)),
    ]
)
def compare(site, name, traffic):
    work = work_named(name)
    if work.mail.octets > MOST_OCTETS:
        work = replace(work, mail=replace(work.mail, octets=MOST_OCTETS))
    rows = Comparison(site, work, [Signetd, Floor], 1, traffic).rows()
    expect_equal([row["program"] for row in rows], ["signetd", "floor"], "programs")
    for row in rows:
        expect_equal(set(row), ROW, "columns")
        expect(row[row["figure"]] is not None and row["ratio"] is not None, row)


@suite.case("a program that does not say what it should fails the run")
def wrong(site):
    work = work_named("sign-2k")
    floor = Floor(site, "sign").start()
    try:
        Loader(site, work.mail, "DKIM-Signature:").run(floor, TINY)
    except WrongVerdict:
        return
    finally:
        floor.stop()
    raise AssertionError("a message without its signature was good enough")


@suite.case("a policy server comes first, and each filter sees the fields as the one before has left them")
def chain(site):
    signer, checker = Signetd(site, "sign").start(), with_settings({"sign": {"networks": []}})(site, "inbound").start()
    script = site.folder / "policy.py"
    script.write_text(POLICY)
    row = Row([signer.sockets[0], checker.sockets[0]], (PYTHON, script))
    try:
        for expected in ("Received-SPF: pass (so they say)", "DKIM-Signature:", "dmarc=pass"):
            report = Loader(site, work_named("sign-2k").mail, expected).send(row, Traffic(3, sessions=2))
            expect_equal(report["good"], 3, f"messages with {expected}")
    finally:
        signer.stop()
        checker.stop()


@suite.case("what grows: a row for each size, and what it costs beside the first")
def growth(site):
    grown = next(one for one in GROWTHS if one.name == "fields")
    rows = replace(grown, points=[10, 50], point=lambda at: replace(grown.point(at), full=TINY)).rows(site, 1, False)
    expect_equal([row["at"] for row in rows], [10, 50], "sizes")
    for row in rows:
        expect_equal(set(row), ROW | {"at"}, "columns")
    expect_equal(rows[0]["ratio"], 1, "the first row's ratio")


@suite.case("the DNS can be dead, and come back")
def dead(site):
    site.dns.set_dead(True)
    before = site.dns.count()
    try:
        work = work_named("inbound")
        daemon = with_settings(IMPATIENT)(site, "inbound").start()
        try:
            Loader(site, work.mail, "spf=temperror").run(daemon, Traffic(2, sessions=2, is_new=True))
            expect(site.dns.count() > before, "nobody asked")
            site.dns.set_dead(False)
            Loader(site, work.mail, "dmarc=pass").run(daemon, Traffic(2, sessions=2, is_new=True))
        finally:
            daemon.stop()
    finally:
        site.dns.set_dead(False)


if __name__ == "__main__":
    suite.main(SmallSite, needs_root=False)
