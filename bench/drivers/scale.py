"""Many sessions over a slow DNS, and a DNS that dies and comes back: the last works of scripts/bench --growth."""

import os
import time
from dataclasses import asdict

from load import Figures, Loader, Mail, Traffic, WrongVerdict
from ours import Signetd, with_settings
from works import DNS_MS, KIB, TO_CHECK

MAIL = Mail(20 * KIB, **TO_CHECK)
TIMEOUT_MS, TRIES = 1000, 2  # of one question, in the configuration below
BRIEF_DNS = {"dns": {"timeout": f"{TIMEOUT_MS}ms", "tries": TRIES}}
RETURN_PATIENCE_S = 60


class Thousand:
    """With 1,000 sessions that all wait for the DNS, is the processor the limit, or the waiting?"""

    name = "crowd-1000"
    title = f"1,000 sessions, each message of a new domain, DNS {DNS_MS} ms away"

    def rows(self, site, _, is_short):
        messages = 3000 if is_short else 10_000
        daemon = Signetd(site, "inbound").start()
        site.dns.set_delay(DNS_MS)
        try:
            before = busy_seconds()
            figures = Loader(site, MAIL, "dmarc=pass").run(daemon, Traffic(messages, sessions=1000, is_new=True))
            busy = busy_seconds() - before
        finally:
            site.dns.set_delay(0)
            daemon.stop()
        seconds = messages / figures.msgs_per_s
        shares = {
            "daemon_processors": figures.cpu_ms * messages / 1000 / seconds,
            "machine_processors": min(busy / seconds, os.cpu_count()),
        }
        return [row_of(self, daemon, figures) | shares]


class DeadDns:
    """How long do messages wait for a server that is dead, how often is it asked, and how soon is its return noticed?"""

    name = "dead-dns"
    title = f"the DNS server dies: {TRIES} tries of {TIMEOUT_MS} ms each; then it is back"

    def rows(self, site, _, is_short):
        daemon = with_settings(BRIEF_DNS)(site, "inbound").start()
        try:
            return [self._while_dead(site, daemon, 64 if is_short else 500), self._after_return(site, daemon)]
        finally:
            site.dns.set_dead(False)
            daemon.stop()

    def _while_dead(self, site, daemon, messages):
        Loader(site, MAIL, "dmarc=pass").send(daemon, Traffic(64, is_new=True))
        site.dns.set_dead(True)
        before = site.dns.count()
        loader = Loader(site, MAIL, "spf=temperror")
        report = loader.send(daemon, Traffic(messages, sessions=messages, is_new=True))
        figures = Figures(msgs_per_s=report["per_second"], p50_ms=report["p50_ms"], p99_ms=report["p99_ms"])
        asked = (site.dns.count() - before) / messages
        return row_of(self, daemon, figures) | {"at": "dead", "max_ms": report["max_ms"], "questions_per_message": asked}

    def _after_return(self, site, daemon):
        """The first message that passes again, of ones that come as fast as they can."""
        loader = Loader(site, MAIL, "dmarc=pass")
        before, start = site.dns.count(), time.monotonic()
        site.dns.set_dead(False)
        tries = 0
        while True:
            tries += 1
            try:
                report = loader.send(daemon, Traffic(1, sessions=1, is_new=True))
                break
            except WrongVerdict:
                if time.monotonic() > start + RETURN_PATIENCE_S:
                    raise
        took = time.monotonic() - start
        figures = Figures(p50_ms=report["p50_ms"])
        more = {"back_after_s": took, "messages_before": tries - 1, "questions": site.dns.count() - before}
        return row_of(self, daemon, figures) | {"at": "back"} | more


def row_of(work, daemon, figures):
    row = {"work": work.name, "title": work.title, "figure": "p99_ms", "program": daemon.name, "ratio": None}
    return row | asdict(figures)


def busy_seconds():
    """What all processors have worked so far."""
    with open("/proc/stat", encoding="ascii") as file:
        user, nice, system, _, _, irq, softirq = map(int, file.readline().split()[1:8])
    return (user + nice + system + irq + softirq) / os.sysconf("SC_CLK_TCK")


SCALES = [Thousand(), DeadDns()]
