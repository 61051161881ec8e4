#!/usr/bin/python3
"""Keys: made by `signet key new`, compared with the DNS, and replaced while the daemon runs and two name servers disagree."""

import json
import re
import stat
import subprocess
import time
from pathlib import Path

from harness.dns_server import DnsServer
from harness.mail import compose
from harness.milter_wire import play
from harness.site import RECEIVER, Site
from harness.suite import Suite, expect, expect_equal
from harness.system import program, wait_until
from harness.zone import DnsZone

NAME_SERVERS = {"ns1.dns.example": "127.83.0.1", "ns2.dns.example": "127.83.0.2"}  # on port 53, as name servers are
OUR_OWN = f"dora@{RECEIVER}"
DAY = 86400

suite = Suite()


class KeySite(Site):
    """A daemon whose keys for RECEIVER rotate, and two with an ordinary key that the DNS does not show as it is. `at` has
    what each name server shows."""

    def configurations(self):
        self.directory = self.folder / "keys"
        self.directory.mkdir(mode=0o755)
        self.at = [DnsZone() for _ in NAME_SERVERS]
        servers = [DnsServer(zone, host=host, port=53) for zone, host in zip(self.at, NAME_SERVERS.values())]
        self.dns = [DnsServer(self.zone), *servers]
        for zone in (self.zone, *self.at):
            for name, address in NAME_SERVERS.items():
                zone.add(RECEIVER, "NS", f"{name}.")
                zone.add(name, "A", address)
        self.zone.add("rsa._domainkey.differs.example", "TXT", self.ed25519.record())
        shared = {"dns": {"servers": [self.dns[0].address]}}
        keys = {"keys": {"directory": str(self.directory), "on-different": "refuse"}}
        single = {"selector": "rsa", "key": str(self.rsa.path)}
        return {
            "rotating": {
                **shared,
                **keys,
                "control": {"socket": f"{self.folder}/control.sock"},
                "sign": {"rule": [{"from": RECEIVER, "domain": RECEIVER, "rotate": True}]},
            },
            "differs": {
                **shared,
                **keys,
                "sign": {"rule": [{"from": "differs.example", **single}, {"from": "missing.example", **single}]},
            },
        }

    def stop(self):
        super().stop()
        for server in self.dns:
            server.stop()

    def key(self, *words, status=0, config="rotating"):
        """`signet key …`: its objects."""
        command = [program("signet"), "key", *words, "--config", str(self.signetd[config].file), "--json"]
        outcome = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        expect_equal(outcome.returncode, status, f"status of {' '.join(words)}: {outcome.stdout} {outcome.stderr}")
        return json.loads(outcome.stdout)

    def key_fails(self, *words):
        """What it says of a file that cannot be made or removed."""
        command = [program("signet"), "key", *words, "--config", str(self.signetd["rotating"].file)]
        outcome = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        expect_equal(outcome.returncode, 73, f"status of {' '.join(words)}: {outcome.stdout} {outcome.stderr}")
        return outcome.stderr

    def publish(self, key, *zones):
        for zone in zones:
            zone.add(f"{key['selector']}._domainkey.{RECEIVER}", "TXT", key["value"])

    def send(self, daemon, sender=OUR_OWN):
        """The log record of a message of ours."""
        daemon = self.signetd[daemon]
        before = len(daemon.records())
        play(daemon.socket, compose(sender), sender.encode(), "127.0.0.1")
        wait_until(lambda: len(daemon.records()) > before, "the line of the message")
        return daemon.records()[-1]

    def stages(self):
        return {key["selector"]: key["stage"] for key in self.key("list", RECEIVER)}

    def reload(self):
        command = [program("signet"), "reload", "--config", str(self.signetd["rotating"].file)]
        expect_equal(subprocess.run(command, capture_output=True, timeout=60, check=False).returncode, 0, "status of reload")


@suite.case("a new key is the owner's alone, is in no other's way, and its record holds it in strings of 255 octets")
def made(world):
    (key,) = world.key("new", "new.example", "--selector", "s1", "--rsa", "3072")
    path = Path(key["file"])
    expect_equal(stat.S_IMODE(path.stat().st_mode), 0o600, "mode")
    expect("BEGIN PRIVATE KEY" in path.read_text(), "not PKCS#8")
    strings = re.findall(r'"([^"]*)"', key["zone_line"])
    expect_equal(("".join(strings), max(map(len, strings))), (key["value"], 255), "strings of the record")
    octets = path.read_bytes()
    expect("is there already" in world.key_fails("new", "new.example", "--selector", "s1"), "another error")
    expect_equal(path.read_bytes(), octets, "the key that was there")


@suite.case("check says what the DNS shows of each key, and what is to be done by its status")
def checked(world):
    found = {key["domain"]: key["published"] for key in world.key("check", config="differs", status=1)}
    expect_equal(found, {"differs.example": "different", "missing.example": "not-published"}, "what the DNS shows")


@suite.case("a key that the DNS contradicts does not sign where that is wished; one that it does not show does")
def refused(world):
    daemon = world.signetd["differs"]
    wait_until(lambda: any("differs.example is published with another key" in line for line in daemon.lines), "the look")
    expect_equal(world.send("differs", "a@differs.example")["sign"], "key-differs", "what became of the signature")
    expect_equal(world.send("differs", "a@missing.example")["sign"], "signed", "what became of the signature")
    expect(any("missing.example is not published" in line for line in daemon.lines), daemon.lines)


@suite.case("the first key signs when both name servers show it, and not before")
def first(world):
    expect_equal(world.send("rotating")["sign"], "no-active-key", "before there is a key")
    (key,) = world.key("rotate", RECEIVER, status=1)
    expect_equal(key["stage"], "next", "stage")
    world.publish(key, world.at[0], world.zone)
    (key,) = world.key("rotate", RECEIVER, "--only-advance", status=1)
    expect_equal((key["stage"], key["published"]), ("next", "not-yet"), "with one of two")
    expect_equal(key["name_servers"], {"ns1.dns.example": "everywhere", "ns2.dns.example": "nowhere"}, "name servers")
    world.publish(key, world.at[1])
    (key,) = world.key("rotate", RECEIVER, "--only-advance")
    expect_equal(key["stage"], "active", "with both")
    world.reload()
    record = world.send("rotating")
    expect_equal((record["sign"], record["signatures"]), ("signed", f"{RECEIVER}:{key['selector']}:rsa-sha256"), record)


@suite.case("the daemon moves the next key on by itself, without a restart, and leaves the old one published")
def second(world):
    (old,) = world.key("list", RECEIVER)
    _, new = world.key("rotate", RECEIVER, status=1)
    expect_equal(world.send("rotating")["signatures"], f"{RECEIVER}:{old['selector']}:rsa-sha256", "while the next one waits")
    world.publish(new, *world.at, world.zone)
    world.reload()  # which has the daemon look soon
    wait_until(lambda: world.stages()[new["selector"]] == "active", "the daemon to move the keys on")
    expect_equal(world.stages()[old["selector"]], "retiring", "stage of the old one")
    wait_until(lambda: world.send("rotating")["signatures"] == f"{RECEIVER}:{new['selector']}:rsa-sha256", "the new key")
    lines = world.signetd["rotating"].lines
    expect(any("signs no more; leave it published until" in line for line in lines), lines[-5:])


@suite.case("after the grace time the old key is to be taken out of the DNS, and can then be forgotten; one that signs cannot")
def ended(world):
    old, new = world.stages()
    later = str(int(time.time()) + 8 * DAY)
    world.key("rotate", RECEIVER, "--only-advance", "--time", later, status=1)
    expect_equal(world.stages(), {old: "retired", new: "active"}, "stages")
    expect(f"found {new} active" in world.key_fails("forget", RECEIVER, new), "another error")
    command = [program("signet"), "key", "forget", RECEIVER, old, "--config", str(world.signetd["rotating"].file)]
    expect_equal(subprocess.run(command, capture_output=True, timeout=60, check=False).returncode, 0, "status of forget")
    expect_equal(world.stages(), {new: "active"}, "stages")
    expect_equal([path.stem for path in (world.directory / RECEIVER).glob("*.pem")], [new], "key files")


@suite.case("a rotation that cannot be read keeps what is in force in force, and names its line")
def unreadable(world):
    state = world.directory / RECEIVER / "rotation"
    text = state.read_text()
    state.write_text(text + "aktive rsa s 2026-01-01T00:00:00Z\n")
    command = [program("signet"), "reload", "--config", str(world.signetd["rotating"].file)]
    outcome = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    expect_equal((outcome.returncode, "rotation:4: found" in outcome.stderr), (1, True), outcome.stderr)
    expect_equal(world.send("rotating")["sign"], "signed", "with what was in force")
    state.write_text(text)
    world.reload()


if __name__ == "__main__":
    suite.main(KeySite)
