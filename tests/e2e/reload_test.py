#!/usr/bin/python3
"""Configuration and keys read again while mail flows: by SIGHUP, by the control socket and by `signet reload`."""

import os
import socket
import stat
import subprocess
import threading
import time

from harness.dns_server import DnsServer
from harness.keys import make_key
from harness.load import load_settings, run_load, write_kinds
from harness.mail import compose
from harness.milter_site import MilterSite
from harness.milter_wire import conversation, joined, play
from harness.signetd import to_toml
from harness.site import RECEIVER, STRANGERS_ADDRESS
from harness.suite import Suite, expect, expect_equal
from harness.system import program, wait_until
from harness.usage import Usage

NOT_RELOADED, NOBODY_ANSWERS, BAD_CONFIGURATION = 1, 69, 78
RELOADS = 1000
WARM_UP = 100  # reloads until the allocator has what it will need
MOST_GROWTH = 16 << 20  # octets; 900 reloads, 90 of them with a resolver of their own
ROUND = 200  # messages
ALIVE = 10  # seconds
OUR_OWN = f"dora@{RECEIVER}".encode()

suite = Suite()


class ReloadSite(MilterSite):
    def configurations(self):
        self.dns = DnsServer(self.zone)
        self.other_dns = DnsServer(self.zone)
        self.control = f"{self.folder}/control.sock"
        control = {"control": {"socket": self.control, "socket-mode": "0640"}}
        self.settings = {"dns": {"servers": [self.dns.address]}, **load_settings(self), **control}
        return {"victim": self.settings}

    def start(self):
        self.kinds = write_kinds(self)
        super().start()

    @property
    def daemon(self):
        return self.signetd["victim"]

    def write(self, **changes):
        """The configuration with some of its tables and top-level values changed."""
        settings = {**self.settings, "milter": {"socket": self.daemon.socket}, **changes}
        new = self.folder / "new.toml"
        new.write_text(to_toml(settings))
        new.replace(self.daemon.file)  # at once, as a daemon may be reading it

    def outcomes(self):
        return [line for line in list(self.daemon.lines) if "reloaded" in line]

    def hang_up(self):
        """SIGHUP, and the log line that says what came of it."""
        before = len(self.outcomes())
        self.daemon.hang_up()
        wait_until(lambda: len(self.outcomes()) > before, "a reload to be logged")
        return self.outcomes()[-1]

    def ask(self, line=b"reload\n"):
        """One line by the control socket; its answer."""
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(30)
            client.connect(self.control)
            client.sendall(line)
            with client.makefile("rb") as answer:
                return answer.readline().decode()

    def tool(self, *options):
        """`signet reload`: its exit status, and what it said."""
        command = [program("signet"), "reload", *(options or ["--config", self.daemon.file])]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        return ended.returncode, ended.stdout, ended.stderr

    def send_own(self):
        """A message of ours; the names of the fields that were added."""
        message = compose(OUR_OWN.decode())
        return [name for name, _ in play(self.daemon.socket, message, OUR_OWN, "127.0.0.1").inserted]

    def begin(self, message, sender, client):
        """A message as far as its header; the connection and what is left to say."""
        wire = self.open()
        packets = conversation(message, sender, client)
        names = [name for name, _ in packets]
        wire.send(packets[0][1])
        wire.receive()
        rest = names.index("end of header")
        wire.send(joined(packets[1:rest]))
        return wire, joined(packets[rest : names.index("abort")])


def expect_refused(world, *fragments):
    """By all three ways, and with everything as it was."""
    answers = [world.hang_up(), world.ask()]
    status, out, said = world.tool("--socket", world.control)
    expect_equal((status, out), (NOT_RELOADED, ""), said)
    for answer in [*answers, said]:
        for fragment in ("not reloaded, what was in force stays: ", *fragments):
            expect(fragment in answer, f"{fragment!r} is not in {answer!r}")
    expect(b"DKIM-Signature" in world.send_own(), "what was signed before is signed still")
    world.check_service("a reload that was refused")


# ---- what is reloaded ----------------------------------------------------------------------------------------------


@suite.case("a rule and a key that were not there before sign after a reload, and are gone after another")
def rule_added(world):
    world.write(sign={})
    expect("signing=off" in world.hang_up(), "the rules are gone")
    expect(b"DKIM-Signature" not in world.send_own(), "nothing is signed without a rule")
    fresh = make_key(world.folder, "fresh", "ed25519")
    rule = {"from": RECEIVER, "selector": "fresh", "key": str(fresh.path)}
    world.write(sign={"rule": [rule]})
    expect("signing=on" in world.hang_up(), "there is a rule")
    expect_equal(world.send_own().count(b"DKIM-Signature"), 1, "signatures by the new key")
    world.write()
    status, said, wrong = world.tool()
    expect_equal((status, wrong), (0, ""), said)
    expect(said.startswith("reloaded: mode=enforce signing=on dmarc=treewalk dns=configured"), said)
    expect_equal(world.send_own().count(b"DKIM-Signature"), 2, "signatures by both keys of the first rule")


@suite.case("a wrong file, key, server or zone leaves everything in force and is named with line and column")
def refused(world):
    file = world.daemon.file
    good = file.read_text()
    lines = good.count("\n")
    bad_zone = world.folder / "bad-zone"
    bad_zone.write_text("a.example. A 192.0.2.256\n")
    world_readable = make_key(world.folder, "open").path
    world_readable.chmod(0o644)
    file.write_text(good + "mode = \n")
    expect_refused(world, f"{file}:{lines + 1}:")
    file.write_text('mode = "monitor"\nquarantin = "hold"\n')
    expect_refused(world, f"{file}:2:1: ", "quarantine")
    rule = '[[sign.rule]]\nfrom = "*"\nselector = "s"\nkey = "{}"\n'
    file.write_text(rule.format("nowhere.pem"))
    expect_refused(world, f"{file}:4:7: ", "nowhere.pem", "No such file")
    file.write_text(rule.format(world_readable))
    expect_refused(world, f"{file}:4:7: ", "mode 0644")
    file.write_text(f'dns.zone-file = "{bad_zone}"\n')
    expect_refused(world, f"{file}:1:17: ", f"{bad_zone}:1:14: ")
    file.unlink()
    expect_refused(world, str(file), "No such file")
    world.write()
    expect_equal(world.tool()[0], 0, "status when all is well again")


@suite.case("a message ends under what it began with: its rules, its keys, its DNS")
def message_in_progress(world):
    world.write(dns={"servers": [world.dns.address], "tries": 3})  # a cache that knows nothing
    world.hang_up()
    asked = world.dns.asked["udp"]
    own, rest_of_own = world.begin(compose(OUR_OWN.decode()), OUR_OWN, "127.0.0.1")
    good, rest_of_good = world.begin(world.good, b"ann@strict.example", STRANGERS_ADDRESS)
    dead = DnsServer(world.zone, is_dead=True)
    impatient = {"servers": [dead.address], "timeout": "100ms", "tries": 1}
    world.write(sign={}, mode="monitor", dns=impatient)
    expect("mode=monitor signing=off" in world.hang_up(), "the reload in the middle")
    with own, good:
        own.send(rest_of_own)
        good.send(rest_of_good)
        fields = [name for name, _ in own.end_of_message().inserted]
        expect_equal(fields.count(b"DKIM-Signature"), 2, "signatures of the message that had begun")
        expect("dmarc=pass" in good.end_of_message().results, "verified as when it began")
    expect(world.dns.asked["udp"] > asked, "the old DNS was asked to the end")
    after = play(world.daemon.socket, world.good, b"ann@strict.example", STRANGERS_ADDRESS)
    expect("dkim=temperror" in after.results and after.code == b"a", f"what begins later has the new DNS: {after}")
    expect(dead.asked["udp"] > 0, "the new DNS was asked")
    expect(b"DKIM-Signature" not in world.send_own(), "what begins later has the new rules")
    dead.stop()
    world.write()
    world.hang_up()
    world.check_service("the old settings again")


@suite.case("the cache stays unless dns.* is another")
def cache(world):
    world.check_service("everything is in the cache")
    first = dict(world.dns.asked)
    world.write(mode="monitor")
    world.hang_up()
    world.write()
    world.hang_up()
    world.check_service("two reloads")
    expect_equal(world.dns.asked, first, "questions after two reloads with the same dns.*")
    world.write(dns={"servers": [world.other_dns.address]})
    world.hang_up()
    world.check_service("another server")
    expect(world.other_dns.asked["udp"] > 0, "the other server was asked")
    world.write()
    world.hang_up()


@suite.case("settings that only a restart changes are named, and nothing of them is done")
def at_restart(world):
    control = {"socket": world.control + "2", "socket-mode": "0600"}
    world.write(control=control, log={"target": "syslog", "facility": "local3"})
    status, said, _ = world.tool("--socket", world.control)
    expect_equal(status, 0, said)
    expect(said.endswith("; at restart: control.socket control.socket-mode log.target log.facility\n"), said)
    world.write()
    expect("at restart" not in world.hang_up(), "nothing is pending any more")


# ---- the socket and the tool ---------------------------------------------------------------------------------------


@suite.case("the control socket has its mode, and answers nonsense with an error")
def control_socket(world):
    expect_equal(stat.S_IMODE(os.stat(world.control).st_mode), 0o640, "mode of the socket")
    expect_equal(world.ask(b"stop\n"), 'error found "stop", expected the line "reload"\n', "answer")
    expect(world.ask(b"x" * 1000).startswith("error found a line of more than "), "answer to a line without end")


@suite.table(
    [
        ("`signet reload` says 69 where nobody answers", ["--socket", "/nowhere/control.sock"], NOBODY_ANSWERS, "No such file"),
        ("`signet reload` says 78 where the file is not there", ["--config", "/nowhere.toml"], BAD_CONFIGURATION, "No such file"),
        ("`signet reload` says 78 where the file names no socket", ["--config", "/dev/null"], BAD_CONFIGURATION, "no control.socket"),
    ]
)
def tool_fails(world, options, status, fragment):
    found, out, said = world.tool(*options)
    expect_equal((found, out), (status, ""), said)
    expect(said.startswith("signet: ") and fragment in said, said)


# ---- under load ----------------------------------------------------------------------------------------------------


class Traffic:
    """Mixed mail, round after round, every verdict checked, while a `with` block runs."""

    def __init__(self, world):
        self.rounds = 0
        self.failure = None
        self._world = world
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._play, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._is_over.set()
        self._thread.join()
        if self.failure:
            raise self.failure

    def _play(self):
        try:
            while not self._is_over.is_set():
                run_load(self._world.daemon.socket, self._world.kinds, ROUND, "--connections", 6, "--each", 5)
                self.rounds += 1
        except Exception as error:  # pylint: disable=broad-except  # raised again where the block ends
            self.failure = error


def reload_in_traffic(world, reload):
    """So many reloads while mail flows, every tenth of another file: other words, another DNS server."""
    usage = Usage(world.daemon.pid)
    before = 0
    with Traffic(world) as traffic:
        for number in range(RELOADS):
            if number % 10 == 0:
                server = (world.dns, world.other_dns)[number // 10 % 2]
                world.write(dns={"servers": [server.address]}, dmarc={"reject-text": f"%d would not have it ({number})"})
            reload()
            if number == WARM_UP:
                before = usage.resident_octets()
        wait_until(lambda: traffic.rounds or traffic.failure, "the first round of mail", timeout=60)
    growth = usage.resident_octets() - before
    expect(growth < MOST_GROWTH or usage.is_sanitized(), f"{RELOADS - WARM_UP} reloads took {growth / 2**20:.1f} MiB")
    print(f"        {traffic.rounds * ROUND} messages, {growth / 2**20:+.1f} MiB")
    world.write()
    world.hang_up()
    world.check_service(f"{RELOADS} reloads")


@suite.case(f"{RELOADS} SIGHUPs in traffic: no message is lost, judged otherwise or unsigned")
def many_hang_ups(world):
    before = len(world.outcomes())

    def reload():
        world.daemon.hang_up()
        time.sleep(0.005)  # else the daemon takes many for one

    reload_in_traffic(world, reload)
    made = world.outcomes()[before:]
    expect(not [line for line in made if "not reloaded" in line], made[:3])
    expect(len(made) > RELOADS / 10, f"{len(made)} reloads of {RELOADS} hang-ups")


@suite.case(f"{RELOADS} reloads by the control socket in traffic: the same, and each is answered")
def many_requests(world):
    def reload():
        answer = world.ask()
        expect(answer.startswith("ok reloaded: "), answer)

    reload_in_traffic(world, reload)


@suite.case(f"{ALIVE} s later the daemon serves, and it ends cleanly and takes its control socket with it")
def alive(world):
    time.sleep(ALIVE)
    world.check_service("all those reloads")
    expect_equal(world.send_own().count(b"DKIM-Signature"), 2, "signatures")
    world.check_clean_end()
    expect(not os.path.exists(world.control), "the control socket is still there")


if __name__ == "__main__":
    suite.main(ReloadSite, needs_root=False)
