#!/usr/bin/python3
"""The benchmark's programs do what they are for, on a handful of messages. No figure is looked at but for being there."""

from dataclasses import replace

from bench_dns import BenchDns, zone_text
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

suite = Suite()


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
