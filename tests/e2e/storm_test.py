#!/usr/bin/python3
"""Mixed messages in parallel, aborts, broken connections, nonsense and hang-ups, then the end: nothing leaks, nothing races.
Run with every sanitizer (scripts/test --sanitize), whose reports end up in the daemon's log."""

import threading
import time

from harness.dns_server import DnsServer
from harness.load import finish_load, load_settings, start_load, write_kinds
from harness.milter_site import MilterSite, expect_no_report
from harness.milter_wire import COMMANDS, packet
from harness.suite import Suite, expect_equal
from harness.system import wait_until

MESSAGES = 600

suite = Suite()


class StormySite(MilterSite):
    def configurations(self):
        self.dns = DnsServer(self.zone)
        settings = {"dns": {"servers": [self.dns.address]}, **load_settings(self)}
        return {"victim": settings, "cut": {**settings, "milter": {"shutdown-grace": "1s"}}}

    def start(self):
        self.kinds = write_kinds(self)
        super().start()

    def start_storm(self, daemon, messages):
        return start_load(daemon.socket, self.kinds, messages, "--connections", 12, "--each", 4, "--rude")


def send_nonsense(world, daemon, until):
    """Malformed packets in every state, and hang-ups of the other kind, until told to stop."""
    number = 0
    while not until.is_set():
        daemon.hang_up()
        for place in ("negotiation", "connection", "header", "end of message"):
            with world.open(daemon.name) as wire:
                command = COMMANDS[number % len(COMMANDS)]
                wire.send_if_wanted(world.until(place) + packet(command, b"x" * (number % 7000)))
            number += 1
        time.sleep(0.05)


@suite.case(f"{MESSAGES} messages in a storm get their verdicts; then the daemon ends cleanly and has leaked nothing")
def storm(world):
    daemon = world.signetd["victim"]
    is_over = threading.Event()
    nonsense = threading.Thread(target=send_nonsense, args=(world, daemon, is_over), daemon=True)
    nonsense.start()
    finish_load(world.start_storm(daemon, MESSAGES), MESSAGES)
    is_over.set()
    nonsense.join()
    world.check_service("the storm")
    world.check_clean_end()


@suite.case("a daemon that is told to end in the middle of a storm ends cleanly")
def cut_short(world):
    daemon = world.signetd["cut"]
    load = world.start_storm(daemon, 100 * MESSAGES)
    wait_until(lambda: len(daemon.records()) > 50, "the storm to begin", timeout=60)
    daemon.terminate()
    expect_equal(daemon.wait(), 0, f"exit status; log: {daemon.lines[-3:]}")
    expect_no_report(daemon)
    load.kill()
    load.communicate()


if __name__ == "__main__":
    suite.main(StormySite, needs_root=False)
