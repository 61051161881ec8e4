#!/usr/bin/python3
"""The daemon's life: its sockets, its signals, its death, and a DNS that is real, slow or dead."""

import grp
import json
import os
import signal
import stat
import subprocess
import time

from dataclasses import replace

from harness.dns_server import DnsServer
from harness.mail import compose, sign
from harness.site import STRANGERS_ADDRESS
from harness.smtp import stuffed
from harness.suite import Suite, expect, expect_equal
from harness.system import program, wait_until
from harness.world import World

BAD_CONFIGURATION = 78
SOCKET_IN_USE = 69

suite = Suite()


class DaemonWorld(World):
    def __init__(self):
        super().__init__()
        (self.postfix.queue / "signet").mkdir()

    def configurations(self):
        self.dns = DnsServer(self.zone)
        self.dead_dns = DnsServer(self.zone, is_dead=True)
        impatient = {"timeout": "300ms", "tries": 2}
        unix = {"socket": f"unix:{self.folder}/queue/signet/milter.sock", "socket-group": "postfix", "socket-mode": "0660"}
        return {
            "inet": {},
            "unix": {"milter": unix},
            "mortal": {"milter": {"shutdown-grace": "20s"}},
            "hasty": {"milter": {"shutdown-grace": "1s"}},
            "real-dns": {"dns": {"servers": [self.dns.address]}},
            "dead-dns": {"dns": {"servers": [self.dead_dns.address], **impatient}},
        }

    def listeners(self):
        """The unix socket as Postfix sees it from its chroot, and mail that is accepted when the daemon is gone."""
        mortal = {"smtpd_milters": self.signetd["mortal"].for_postfix}
        return {
            "unix": {"smtpd_milters": "unix:signet/milter.sock"},
            "mortal-accept": {**mortal, "milter_default_action": "accept"},
        }

    def fill_zone(self):
        super().fill_zone()
        for number in range(3):  # together too large for UDP
            self.zone.add("fat.example", "TXT", f"{number} " + "x" * 800)
        self.zone.add("fat.example", "TXT", "v=spf1 ip4:192.0.2.1 -all")
        self.zone.add("alias.example", "CNAME", "fat.example.")


def check_pass(world, listener):
    """That the daemon behind this listener does its work."""
    message = sign(compose("ann@strict.example"), "strict.example", world.rsa)
    outcome = world.send(listener, message, "ann@strict.example", STRANGERS_ADDRESS)
    expect_equal(outcome.reply.code, 250, str(outcome))
    expect_equal(outcome.message.verdicts("dmarc"), ["pass"], str(outcome))


def fresh(world, name):
    """The daemon of that name, started again if a case before ended it."""
    daemon = world.signetd[name]
    return daemon if daemon.is_running() else daemon.start()


def half_sent(world, listener):
    """A session in the middle of DATA, its recipient, and what is still to be sent."""
    recipient = world.new_recipient()
    session = world.connect(listener, STRANGERS_ADDRESS)
    session.envelope("ann@lax.example", [recipient])
    session.begin_data()
    octets = stuffed(compose("ann@lax.example", body=b"a line of the body\r\n" * 20_000))
    session.send(octets[:200_000])
    return session, recipient, octets[200_000:]


# ---- sockets -------------------------------------------------------------------------------------------------------


@suite.table([("an inet: socket serves", "inet"), ("a unix: socket serves Postfix in its chroot", "unix")])
def sockets(world, listener):
    check_pass(world, listener)


@suite.case("a unix socket has the configured group and mode")
def socket_mode(world):
    status = os.stat(world.folder / "queue" / "signet" / "milter.sock")
    found = (grp.getgrgid(status.st_gid).gr_name, stat.S_IMODE(status.st_mode))
    expect_equal(found, ("postfix", 0o660), "group and mode")


@suite.case("a socket that is in use is refused with a message and status 69")
def socket_in_use(world):
    for name in ("inet", "unix"):
        command = [program("signetd"), "--config", str(world.signetd[name].file)]
        second = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
        expect_equal(second.returncode, SOCKET_IN_USE, f"status of a second daemon on {name}: {second.stderr}")
        check_pass(world, name)


@suite.case("`signet send` plays a message to the socket as an MTA would, and tells the verdict")
def send_by_tool(world):
    file = world.folder / "message.eml"
    for author, status, verdict, code in [("ann@strict.example", 1, "reply", 550), ("ann@lax.example", 0, "accept", None)]:
        file.write_bytes(compose(author))
        options = ["--ip", STRANGERS_ADDRESS, "--from", author, "--rcpt", "dora@receiver.example", "--json", file]
        command = [program("signet"), "send", "--socket", world.signetd["inet"].socket, *options]
        sent = subprocess.run(command, capture_output=True, text=True, check=False)
        expect_equal(sent.returncode, status, f"status of signet send: {sent.stderr}")
        report = json.loads(sent.stdout)
        found = (report["verdict"], (report["reply"] or {}).get("code"))
        expect_equal(found, (verdict, code), f"verdict and reply code of {report}")


# ---- configuration -------------------------------------------------------------------------------------------------


@suite.case("--check accepts a good file and names line and column of a bad one")
def check_file(world):
    good = subprocess.run([program("signetd"), "--check", world.signetd["inet"].file], capture_output=True, check=False)
    expect_equal(good.returncode, 0, good.stderr)
    bad = world.folder / "bad.toml"
    bad.write_text('mode = "enforce"\n[dns]\n  tiemout = "3s"\n')
    found = subprocess.run([program("signetd"), "--check", bad], capture_output=True, text=True, check=False)
    expect_equal(found.returncode, BAD_CONFIGURATION, found.stderr)
    expect(f"{bad}:3:3" in found.stderr and "timeout" in found.stderr, found.stderr)


@suite.case("an empty configuration file serves")
def empty_file(world):
    empty = world.folder / "empty.toml"
    empty.write_text("")
    checked = subprocess.run([program("signetd"), "--check", empty], capture_output=True, text=True, check=False)
    expect_equal(checked.returncode, 0, checked.stderr)


# ---- signals -------------------------------------------------------------------------------------------------------


@suite.case("SIGHUP ends nothing, not even the message in progress")
def hang_up(world):
    daemon = fresh(world, "mortal")
    session, recipient, rest = half_sent(world, "mortal")
    with session:
        before = world.count_records("mortal")
        daemon.hang_up()
        session.send(rest)
        outcome = world.follow("mortal", session.end_data(), recipient, before)
    expect_equal(outcome.message.verdicts("dmarc"), ["fail"], str(outcome))
    check_pass(world, "mortal")


@suite.case("SIGTERM with nothing to do ends the daemon at once, with status 0")
def terminate_idle(world):
    daemon = fresh(world, "mortal")
    with world.connect("mortal") as session:  # an open session without a message does not count
        start = time.monotonic()
        daemon.terminate()
        expect_equal(daemon.wait(), 0, f"exit status; log: {daemon.lines[-3:]}")
        expect(time.monotonic() - start < 10, f"it took {time.monotonic() - start:.1f} s")
        session.quit()


@suite.case("SIGTERM in the middle of a message: it is finished, nothing new begins, then the daemon exits 0")
def terminate_in_message(world):
    daemon = fresh(world, "mortal")
    session, recipient, rest = half_sent(world, "mortal")
    with session:
        before = world.count_records("mortal")
        daemon.terminate()
        wait_until(lambda: any("stopping" in line for line in daemon.lines), "the daemon to say that it stops")
        with world.connect("mortal", STRANGERS_ADDRESS) as late:
            refused = late.command("MAIL FROM:<ann@lax.example>")
        expect_equal(refused.code, 451, f"MAIL while stopping: {refused}")
        expect(daemon.is_running(), "the daemon waits for the message")
        session.send(rest)
        outcome = world.follow("mortal", session.end_data(), recipient, before)
    expect_equal(outcome.message.verdicts("dmarc"), ["fail"], str(outcome))
    expect_equal(daemon.wait(), 0, f"exit status; log: {daemon.lines[-3:]}")


@suite.case("SIGTERM and a message that never ends: after the grace time the daemon exits 0 all the same")
def terminate_unfinished(world):
    daemon = fresh(world, "hasty")
    session, _, rest = half_sent(world, "hasty")
    with session:
        start = time.monotonic()
        daemon.terminate()
        expect_equal(daemon.wait(), 0, f"exit status; log: {daemon.lines[-3:]}")
        expect(0.9 < time.monotonic() - start < 15, f"it took {time.monotonic() - start:.1f} s")
        session.send(rest)
        expect_equal(session.end_data().code, 451, "Postfix's milter_default_action")


# ---- death ---------------------------------------------------------------------------------------------------------


@suite.case("killed in the middle of a message: Postfix defers it (milter_default_action = tempfail)")
def killed_tempfail(world):
    daemon = fresh(world, "mortal")
    session, _, rest = half_sent(world, "mortal")
    with session:
        os.kill(daemon.pid, signal.SIGKILL)
        daemon.wait()
        session.send(rest)
        expect_equal(session.end_data().code, 451, "Postfix's reply")


@suite.case("killed in the middle of a message: Postfix takes it unjudged (milter_default_action = accept)")
def killed_accept(world):
    daemon = fresh(world, "mortal")
    session, recipient, rest = half_sent(world, "mortal-accept")
    with session:
        os.kill(daemon.pid, signal.SIGKILL)
        daemon.wait()
        session.send(rest)
        expect_equal(session.end_data().code, 250, "Postfix's reply")
    arrived = world.postfix.wait_for_mail(recipient)
    expect_equal(arrived.fields("Authentication-Results"), [], "results")


@suite.case("while the daemon is down mail waits; started again on the same socket it serves")
def down_and_up(world):
    daemon = fresh(world, "mortal")
    daemon.kill()
    with world.connect("mortal", STRANGERS_ADDRESS) as session:
        expect_equal(session.command("MAIL FROM:<ann@lax.example>").code, 451, "reply while down")
    daemon.start()
    check_pass(world, "mortal")


@suite.case("a unix socket left behind by a killed daemon is taken over")
def stale_socket(world):
    daemon = world.signetd["unix"]
    daemon.kill()
    expect((world.folder / "queue" / "signet" / "milter.sock").exists(), "the socket file stays")
    daemon.start()
    check_pass(world, "unix")


# ---- DNS -----------------------------------------------------------------------------------------------------------


@suite.case("with dns.servers the questions go out over UDP, and are remembered")
def real_dns(world):
    check_pass(world, "real-dns")
    first = world.dns.asked["udp"]
    expect(first >= 3, f"{first} questions by UDP")
    check_pass(world, "real-dns")
    expect_equal(world.dns.asked["udp"], first, "questions for the second, equal message")


@suite.case("a long answer comes by TCP, behind a CNAME, too")
def truncated_answer(world):
    before = world.dns.asked["tcp"]
    outcome = world.send("real-dns", compose("ann@lax.example"), "ann@alias.example")
    expect_equal(outcome.message.verdicts("spf")[0], "pass", str(outcome))
    expect(world.dns.asked["tcp"] > before, f"{world.dns.asked}")


@suite.case("SERVFAIL for the key of an enforcing domain is deferred")
def server_failure(world):
    broken = replace(world.rsa, selector="broken")
    outcome = world.send("real-dns", sign(compose("ann@strict.example"), "strict.example", broken), "ann@lax.example")
    expect_equal((outcome.reply.code, outcome.record["dmarc"]), (451, "temperror"), str(outcome))


@suite.case("with a dead DNS mail is accepted as temperror, within the time that the DNS is allowed")
def dead_dns(world):
    start = time.monotonic()
    message = sign(compose("ann@strict.example"), "strict.example", world.rsa)
    outcome = world.send("dead-dns", message, "ann@strict.example", STRANGERS_ADDRESS)
    took = time.monotonic() - start
    expect_equal(outcome.reply.code, 250, str(outcome))
    for method in ("spf", "dkim", "dmarc"):
        expect_equal(set(outcome.message.verdicts(method)), {"temperror"}, f"{method} of {outcome}")
    expect(world.dead_dns.asked["udp"] > 0, "the server was asked")
    expect(took < 10, f"it took {took:.1f} s")


@suite.case("with a dead DNS the daemon still ends on SIGTERM")
def dead_dns_terminate(world):
    daemon = world.signetd["dead-dns"]
    daemon.terminate()
    expect_equal(daemon.wait(), 0, f"exit status; log: {daemon.lines[-3:]}")


if __name__ == "__main__":
    suite.main(DaemonWorld)
