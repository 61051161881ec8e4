#!/usr/bin/python3
"""Peers on the milter socket that are slow, or many, or more than there are descriptors; ordinary messages beside them."""

import time

from harness.milter_site import MilterSite
from harness.milter_wire import joined, packet, strings
from harness.suite import Suite, expect, expect_equal
from harness.system import wait_until
from harness.usage import Usage

MANY = 1000
FEW = 128  # descriptors of the cramped daemon
PATIENCE = 25  # seconds for two ordinary messages beside a crowd, on a busy machine

suite = Suite()


class CrowdedSite(MilterSite):
    def configurations(self):
        return {"victim": {}, "cramped": {}, "raised": {}}

    def start(self):
        self.signetd["cramped"].under = ["prlimit", f"--nofile={FEW}:{FEW}"]
        self.signetd["raised"].under = ["prlimit", f"--nofile={FEW}:{4 * MANY}"]
        super().start()

    def check_prompt(self, after, name="victim"):
        start = time.monotonic()
        self.check_service(after, name)
        took = time.monotonic() - start
        expect(took < PATIENCE, f"{took:.1f} s for two messages after {after}")


class Crowd:
    """Many connections, closed at the end whatever happens."""

    def __init__(self, world, number=MANY, name="victim"):
        self.wires = []
        self.world, self.number, self.name = world, number, name

    def __enter__(self):
        self.wires += [self.world.open(self.name) for _ in range(self.number)]
        return self.wires

    def __exit__(self, *_):
        for wire in self.wires:
            wire.socket.close()


@suite.case("beside 1,000 peers that send an octet at a time messages are served, and in the end theirs are, too")
def slow_senders(world):
    talk = joined(world.talk[:-2])
    with Crowd(world) as wires:
        for at in range(40):
            for wire in wires:
                wire.send(talk[at : at + 1])
            if at % 4 == 0:
                world.check_prompt(f"{at + 1} octets from each")
        for wire in wires:
            wire.send(talk[40:])
        for wire in wires:
            wire.receive()
            expect("dmarc=pass" in wire.end_of_message().results, "a slow sender's message")
    world.check_prompt("the last of them")


@suite.case("peers that stop within a packet do not keep the messages of others waiting")
def stuck_senders(world):
    for _ in range(2):
        with Crowd(world, 100) as wires:
            for number, wire in enumerate(wires):
                wire.send(joined(world.talk[:3])[: 5 + number % 60])
                if number % 5 == 0:
                    world.check_prompt(f"{number + 1} half packets")


@suite.case("1,000 messages whose header is at its limit are in progress at once in under 150 KiB each")
def full_headers(world):
    usage = Usage(world.signetd["victim"].pid)
    before = usage.resident_octets()
    field = packet(b"L", strings(b"X-Long", b" " + b"x" * 8000))
    with Crowd(world) as wires:
        for wire in wires:
            wire.send(world.until("header") + field * 9)  # more than the limit
        for wire in wires:
            wire.receive()
        world.check_prompt("headers without end")
        wait_until(lambda: is_steady(usage), "the daemon to have read everything")
        each = (usage.resident_octets() - before) // MANY
        print(f"    {each / 1024:.0f} KiB for each session")
        expect(each < 150 * 1024, f"{each} octets for each session")
    world.check_prompt("them")


def is_steady(usage):
    before = usage.cpu_seconds()
    time.sleep(0.3)
    return usage.cpu_seconds() - before < 0.03


@suite.case("more peers than descriptors: those inside are served, the daemon idles, and when they go it serves on")
def too_many(world):
    daemon = world.signetd["cramped"]
    usage = Usage(daemon.pid)
    offer = world.talk[0][1]
    with Crowd(world, FEW - 50, "cramped") as inside:
        for wire in inside:
            wire.send(offer)
            wire.receive()
        with Crowd(world, 100, "cramped"):  # more than fit; the rest of them waits in the kernel
            wait_until(lambda: any("too few descriptors" in line for line in daemon.lines), "the log to tell")
            before = usage.cpu_seconds()
            time.sleep(1)
            expect(usage.cpu_seconds() - before < 0.5, f"{usage.cpu_seconds() - before:.2f} s of CPU in a second of waiting")
            for wire in inside:
                wire.send(joined(world.talk[1:-2]))
                expect("dmarc=pass" in wire.end_of_message().results, "a message of a peer that is inside")
    wait_until(lambda: any("descriptors again" in line for line in daemon.lines), "the log to tell")
    world.check_prompt("it", "cramped")
    expect(sum("descriptors" in line for line in daemon.lines) < 50, f"{len(daemon.lines)} lines: {daemon.lines[-3:]}")


@suite.case("the limit on descriptors is raised at start as far as the system lets us, and the log tells it")
def raised(world):
    daemon = world.signetd["raised"]
    expect(any(f"descriptors={4 * MANY}" in line for line in daemon.lines), daemon.lines)
    with Crowd(world, 3 * FEW, "raised") as wires:
        for wire in wires:
            wire.send(world.talk[0][1])
        for wire in wires:
            expect_equal(wire.receive()[0], b"O", "the answer")
        world.check_prompt("it", "raised")


@suite.case("when all is over no descriptor is left open, nothing went wrong, and the daemons end")
def nothing_left(world):
    for name, daemon in world.signetd.items():
        world.check_prompt("all", name)
        expect(not any("internal error" in line for line in daemon.lines), f"errors of {name}")
        world.check_clean_end(name)


if __name__ == "__main__":
    suite.main(CrowdedSite, needs_root=False)
