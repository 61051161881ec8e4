#!/usr/bin/python3
"""Fifty thousand messages over a fixed set of names: the daemon is no larger after the last than it was after a few."""

from harness.dns_server import DnsServer
from harness.load import load_settings, run_load, write_kinds
from harness.site import Site
from harness.suite import Suite, expect
from harness.usage import Usage

FEW, MANY = 5_000, 50_000
SESSIONS = ("--connections", 12, "--each", 5)
FULL_HOUSE = ("--connections", 24, "--each", 5)  # so that what a thread keeps is there from the start

suite = Suite()


class LoadedSite(Site):
    def configurations(self):
        self.dns = DnsServer(self.zone)
        return {"loaded": {"dns": {"servers": [self.dns.address]}, **load_settings(self)}}


@suite.case("after 50,000 messages of all kinds the daemon takes as much memory as after 5,000, within a tenth")
def memory(world):
    daemon = world.signetd["loaded"]
    usage = Usage(daemon.pid)
    kinds = write_kinds(world)
    run_load(daemon.socket, kinds, FEW, *FULL_HOUSE)
    few, descriptors = usage.resident_octets(), usage.descriptors()
    report = run_load(daemon.socket, kinds, MANY - FEW, *SESSIONS)
    many = usage.resident_octets()
    print(f"    {few / 2**20:.1f} MiB, then {many / 2**20:.1f} MiB; {report['per_second']:.0f} messages a second")
    expect(many <= few * 1.1, f"{few} octets after {FEW} messages, {many} after {MANY}")
    expect(usage.descriptors() <= descriptors + 2, f"{descriptors} descriptors, then {usage.descriptors()}")


if __name__ == "__main__":
    suite.main(LoadedSite, needs_root=False)
