#!/usr/bin/python3
"""What goes wrong on a mail server, and what a person is told: at the start one line and the exit status, at a reload one line and
everything as it was, and in between a service that goes on."""

import os
import re
import socket
import subprocess
import time
from pathlib import Path

from harness.dns_server import DnsServer
from harness.keys import make_key
from harness.mail import compose, sign
from harness.milter_site import MilterSite
from harness.milter_wire import MilterWire, conversation, joined, play
from harness.signetd import Signetd, to_toml
from harness.site import RECEIVER, STRANGERS_ADDRESS
from harness.suite import Suite, expect, expect_equal
from harness.system import program, wait_until

BAD_CONFIGURATION, NO_SOCKET = 78, 69
SENDER = b"ann@strict.example"
OUR_OWN = f"dora@{RECEIVER}".encode()
TINY = 64 << 10  # octets of a file system for a log
CUT_AFTER = 4  # libmilter took 2 s by itself
FAKE_TIME = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1"

suite = Suite()


class BadInputSite(MilterSite):
    """One good daemon with keys and a DNS server of its own, and a folder of things that are not what they should be."""

    def __init__(self):
        super().__init__()
        self.bad = self.folder / "bad"
        self.bad.mkdir()

    def configurations(self):
        self.dns = DnsServer(self.zone)
        self.settings = {"dns": {"servers": [self.dns.address]}, "sign": {"rule": [self.sign_rule(RECEIVER)]}}
        return {"victim": self.settings}

    @property
    def daemon(self):
        return self.signetd["victim"]

    def write(self, text):
        """Another configuration, at once."""
        new = self.folder / "new.toml"
        new.write_bytes(text if isinstance(text, bytes) else text.encode())
        new.replace(self.daemon.file)

    def restore(self):
        self.write(to_toml({**self.settings, "milter": {"socket": self.daemon.socket}}))

    def refuse_start(self, status, *fragments, under=()):
        """A second daemon with the same file: its one line, with these expressions in it."""
        command = [*under, program("signetd"), "--config", str(self.daemon.file)]
        ended = subprocess.run(command, stderr=subprocess.PIPE, text=True, timeout=30, check=False)
        expect_equal(ended.returncode, status, f"exit status; it said {ended.stderr!r}")
        *warnings, last = ended.stderr.splitlines()
        expect(last.startswith("signetd: ") and all(" warning" in line for line in warnings), f"one line: {ended.stderr!r}")
        expect_all(fragments, last)

    def refuse_reload(self, *fragments):
        """The running one says the same of it, and goes on as it was."""
        before = len(self.outcomes())
        self.daemon.hang_up()
        wait_until(lambda: len(self.outcomes()) > before, "a reload to be logged")
        expect_all(("not reloaded, what was in force stays: ", *fragments), self.outcomes()[-1])
        self.check_service("a reload that was refused")
        own = play(self.daemon.socket, compose(OUR_OWN.decode()), OUR_OWN, "127.0.0.1")
        expect(b"DKIM-Signature" in [name for name, _ in own.inserted], f"what was signed before: {own}")

    def outcomes(self):
        return [line for line in list(self.daemon.lines) if "reloaded" in line]


def expect_all(fragments, said):
    for fragment in fragments:
        expect(re.search(fragment, said), f"{fragment!r} is not in {said!r}")


# ---- keys ----------------------------------------------------------------------------------------------------------


def openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)


def of_rsa(*arguments):
    """Something that openssl makes of an RSA key."""
    return lambda world, path: openssl(*arguments, "-in", world.rsa.path, "-out", path)


def other_key(*arguments):
    return lambda world, path: openssl("genpkey", "-algorithm", *arguments, "-out", path)


def octets(what):
    return lambda _, path: path.write_bytes(what)


def dsa_key(_, path):
    openssl("genpkey", "-genparam", "-algorithm", "DSA", "-pkeyopt", "dsa_paramgen_bits:1024", "-out", f"{path}.parameters")
    openssl("genpkey", "-paramfile", f"{path}.parameters", "-out", path)


def huge_file(_, path):
    path.touch()
    os.truncate(path, 1 << 30)


NO_KEY = r"found no usable key \({}\), expected an RSA or Ed25519 private key in PEM"
NO_PEM = NO_KEY.format("not a private key in PEM form")
NO_FILE = "found something that is no regular file, expected a key in PEM"


@suite.table(
    [
        ("no key: a file that is not there", lambda *_: None, r"found it unreadable \(No such file or directory\)"),
        ("no key: a folder", lambda _, path: path.mkdir(), NO_FILE),
        ("no key: a pipe, which is not waited for", lambda _, path: os.mkfifo(path, 0o600), NO_FILE),
        ("no key: a device that never ends", lambda _, path: path.symlink_to("/dev/zero"), NO_FILE),
        ("no key: a link to itself", lambda _, path: path.symlink_to(path), "Too many levels of symbolic links"),
        ("no key: an empty file", octets(b""), NO_PEM),
        ("no key: garbage", octets(bytes(range(256)) * 8), NO_PEM),
        ("no key: a file of 1 GiB, which is not read", huge_file, "found 1073741824 octets, expected a key in PEM of at most 65536"),
        ("no key: the public key", of_rsa("pkey", "-pubout"), NO_KEY.format("a public key, not a private key")),
        ("no key: a certificate", lambda world, path: openssl("req", "-x509", "-key", world.rsa.path, "-subj", "/CN=x", "-out", path), NO_PEM),
        ("no key: DER instead of PEM", of_rsa("pkey", "-outform", "DER"), NO_PEM),
        ("no key: an encrypted key", of_rsa("pkey", "-aes128", "-passout", "pass:x"), NO_KEY.format("the private key is encrypted")),
        ("no key: one of elliptic curves", other_key("EC", "-pkeyopt", "ec_paramgen_curve:P-256"), NO_KEY.format("neither an RSA nor an Ed25519 key")),
        ("no key: one of DSA", dsa_key, NO_KEY.format("neither an RSA nor an Ed25519 key")),
        ("no key: one of Ed448", other_key("ED448"), NO_KEY.format("neither an RSA nor an Ed25519 key")),
        ("no key: RSA of 768 bits", other_key("RSA", "-pkeyopt", "rsa_keygen_bits:768"), "768 bits.*at least 1024"),
        ("no key: one that all may read", of_rsa("pkey"), r"mode 0644, expected .*0600 or 0640", 0o644),
    ]
)
def bad_key(world, make, said, mode=0o600):
    path = world.bad / f"key{len(list(world.bad.iterdir()))}.pem"
    make(world, path)
    if path.is_file():
        path.chmod(mode)
    world.write(f'[[sign.rule]]\nfrom = "*"\nselector = "s"\nkey = "{path}"\n')
    place = f"{world.daemon.file}:4:7: key file {path}: "
    world.refuse_start(BAD_CONFIGURATION, place, said)
    world.refuse_reload(place, said)


# ---- the configuration ---------------------------------------------------------------------------------------------


@suite.table(
    [
        ("no configuration: what is no TOML", "mode = \n", r":1:\d+: "),
        ("no configuration: an unknown setting, and the nearest known one", 'quarantin = "tag"\n', ":1:1: .*quarantine"),
        ("no configuration: a value of another kind", "[dns]\ntimeout = true\n", ":2:11: found true, expected a duration"),
        ("no configuration: a setting said twice", 'mode = "enforce"\nmode = "monitor"\n', ":2:"),
        ("no configuration: what is not UTF-8", b'mode = "enforce"\n# caf\xe9\n', r":2:6: found the octet \\xe9, expected UTF-8"),
        ("no configuration: NUL octets", b"\0" * 4096, ":1:1: found a NUL octet, expected text"),
        ("no configuration: a program", lambda: Path(program("signetd")).read_bytes()[: 1 << 20], ":1:.*found "),
        ("no configuration: too large a file", lambda: b"#" * (17 << 20), "found more than 16777216 octets, expected a smaller file"),
        ("no configuration: brackets without end", "relays = " + "[" * 100_000, "nested deeper than"),
    ]
)
def bad_configuration(world, text, said):
    world.write(text() if callable(text) else text)
    world.refuse_start(BAD_CONFIGURATION, f"{world.daemon.file}:", said)
    world.refuse_reload(f"{world.daemon.file}:", said)


@suite.table(
    [
        ("no configuration: a file that is not there", lambda path: None, "No such file or directory"),
        ("no configuration: a folder", lambda path: path.mkdir(), "Is a directory"),
        ("no configuration: a pipe, which is not waited for", os.mkfifo, "found a pipe, expected a file"),
        ("no configuration: a device that never ends", lambda path: path.symlink_to("/dev/zero"), "found more than 16777216 octets"),
    ]
)
def no_file(world, make, said):
    file = world.daemon.file
    file.unlink()
    make(file)
    try:
        world.refuse_start(BAD_CONFIGURATION, f"{file}: ", said)
        world.refuse_reload(f"{file}: ", said)
    finally:
        if file.is_dir():
            file.rmdir()
        world.restore()


@suite.case("without /etc/signet it says which file it looked for")
def no_folder(_):
    hidden = ["unshare", "--mount", "sh", "-c", 'mount -t tmpfs tmpfs /etc && exec "$0"', program("signetd")]
    ended = subprocess.run(hidden, capture_output=True, text=True, timeout=30, check=False)
    expect_equal(ended.returncode, BAD_CONFIGURATION, ended.stderr)
    expect_all(["^signetd: /etc/signet/signet.toml: found .*No such file or directory.*, expected"], ended.stderr)


# ---- sockets and descriptors ---------------------------------------------------------------------------------------


@suite.case("a port in use is refused, and who has it goes on; a path left by a dead daemon is taken over")
def socket_in_use(world):
    world.restore()
    world.refuse_start(NO_SOCKET, f"{world.daemon.file}:.*: socket {world.daemon.socket}: found .*Address already in use.*, expected")
    world.check_service("another daemon that wanted the port")
    path = world.bad / "stale.sock"
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
        dead.listen()
        taken = Signetd(world.folder, "taken", {"milter": {"socket": f"unix:{path}"}})
        world.write(taken.file.read_text())
        world.refuse_start(NO_SOCKET, f"socket unix:{path}: found another program answering on it, expected a free address")
    taken.start().terminate()
    expect_equal(taken.wait(), 0, "exit status of who took it over")
    world.restore()


@suite.case("a limit of descriptors that serves nobody is refused")
def few_descriptors(world):
    few = ["prlimit", "--nofile=20:20"]
    world.refuse_start(NO_SOCKET, "found a limit of 20 descriptors, expected at least 64", under=few)


@suite.case("started with its standard descriptors closed it does not log into a socket")
def closed_descriptors(world):
    daemon = Signetd(world.folder, "closed", {"dns": {"zone-file": str(world.zone_file)}})
    command = ["sh", "-c", 'exec "$@" 0<&- 1>&- 2>&-', "sh", program("signetd"), "--config", daemon.file]
    with subprocess.Popen(command) as process:
        try:
            verdict = wait_until(lambda: answer(daemon, world.good), "an answer")
            expect(verdict.code == b"a", verdict)
            expect_equal({os.readlink(f"/proc/{process.pid}/fd/{number}") for number in range(3)}, {"/dev/null"}, "descriptors 0 to 2")
        finally:
            process.terminate()
    expect_equal(process.returncode, 0, "exit status")


def answer(daemon, message):
    try:
        return play(daemon.socket, message, SENDER, STRANGERS_ADDRESS)
    except OSError:
        return None


# ---- the DNS -------------------------------------------------------------------------------------------------------


@suite.case("with a DNS that is dead at the start it starts, judges temperror within its limits, and recovers with the DNS")
def dead_dns(world):
    dns = DnsServer(world.zone, is_dead=True)
    impatient = {"servers": [dns.address], "timeout": "200ms", "tries": 1, "cache-failure-ttl": "0s"}
    daemon = Signetd(world.folder, "dead", {"dns": impatient}).start()
    start = time.monotonic()
    found = answer(daemon, world.good)
    expect(found.code == b"a" and "dkim=temperror" in found.results and "dmarc=temperror" in found.results, found)
    expect(time.monotonic() - start < 5, f"it took {time.monotonic() - start:.1f} s")
    dns.is_dead = False
    wait_until(lambda: "dmarc=pass" in answer(daemon, world.good).results, "the DNS to be believed again")
    daemon.terminate()
    expect_equal(daemon.wait(), 0, "exit status")
    dns.stop()


# ---- the log -------------------------------------------------------------------------------------------------------


@suite.case("a log on a full disk: mail goes on, and once there is room the log says how many lines it lacks")
def full_disk(world):
    disk = world.folder / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={TINY}", "tmpfs", disk], check=True)
    try:
        log, filler = disk / "log", disk / "filler"
        daemon = Signetd(world.folder, "logging", {"dns": {"zone-file": str(world.zone_file)}})
        with subprocess.Popen([program("signetd"), "--config", daemon.file], stderr=log.open("ab")) as process:
            try:
                wait_until(lambda: answer(daemon, world.good), "an answer")
                with filler.open("wb", buffering=0) as file:
                    fill(file)
                for _ in range(40):  # more than fit into what is left of a block
                    expect(answer(daemon, world.good).code == b"a", "mail while the disk is full")
                filler.unlink()
                wait_until(lambda: answer(daemon, world.good) and b"could not be written" in log.read_bytes(), "the loss to be told")
            finally:
                process.terminate()
        expect_equal(process.returncode, 0, "exit status")
        *_, line = [line for line in log.read_text().splitlines() if "could not be written" in line]
        lost = int(re.search(r"lines=(\d+)", line)[1])
        kept = log.read_text().count("action=accept")
        expect(" warning: " in line and lost > 0, line)
        print(f"        {kept} lines kept, {lost} lost")
    finally:
        subprocess.run(["umount", disk], check=True)


def fill(file):
    """Until the file system has no room."""
    try:
        while file.write(b"x" * 4096):
            pass
    except OSError:
        return


@suite.case("a log that nobody reads any more (a closed pipe) stops neither mail nor the end")
def closed_pipe(world):
    reading, writing = os.pipe()
    daemon = Signetd(world.folder, "unread", {"dns": {"zone-file": str(world.zone_file)}})
    with subprocess.Popen([program("signetd"), "--config", daemon.file], stderr=writing) as process:
        try:
            os.close(writing)
            os.close(reading)
            wait_until(lambda: answer(daemon, world.good), "an answer")
            expect(answer(daemon, world.good).code == b"a", "mail without a log")
        finally:
            process.terminate()
    expect_equal(process.returncode, 0, "exit status")


@suite.case("syslog that is not there is warned of on standard error, and mail goes on")
def no_syslog(world):
    if os.path.exists("/dev/log"):
        print("    not looked at: this machine has a syslog")
        return
    daemon = Signetd(world.folder, "unlogged", {"log": {"target": "syslog"}, "dns": {"zone-file": str(world.zone_file)}})
    with subprocess.Popen([program("signetd"), "--config", daemon.file], stderr=subprocess.PIPE, text=True) as process:
        try:
            verdict = wait_until(lambda: answer(daemon, world.good), "an answer")
            expect(verdict.code == b"a", verdict)
        finally:
            process.terminate()
        said = process.stderr.read()
    expect_equal((process.returncode, said.count("\n")), (0, 1), said)
    expect_all(["^signetd: warning: found nobody at /dev/log, expected syslog"], said)


# ---- the clock -----------------------------------------------------------------------------------------------------


class FakedClock:
    """A daemon whose wall clock the test sets, forwards and back; its steady clock is the machine's (libfaketime)."""

    def __init__(self, world, settings):
        self._file = world.folder / "clock"
        self.set("+0")
        self.daemon = Signetd(world.folder, "clocked", settings)
        times = [f"LD_PRELOAD={FAKE_TIME}", f"FAKETIME_TIMESTAMP_FILE={self._file}", "FAKETIME_NO_CACHE=1"]
        self.daemon.under = ["env", *times, "FAKETIME_DONT_FAKE_MONOTONIC=1"]

    def set(self, offset):
        new = self._file.with_suffix(".new")
        new.write_text(offset + "\n")
        new.replace(self._file)

    def __enter__(self):
        self.daemon.start()
        return self

    def __exit__(self, *_):
        self.daemon.kill()


@suite.case("the clock jumps while a message is on its way: the wait is as long as ever, the cache stays, t= and x= go by the new time")
def clock_jumps(world):
    if not os.path.exists(FAKE_TIME):
        print("    not looked at: libfaketime is not installed")
        return
    world.zone.fail("slow.example", "TXT", "timeout")
    for key in world.keys:
        world.zone.add(f"{key.selector}._domainkey.{RECEIVER}", "TXT", key.record())
    dns = DnsServer(world.zone)
    rule = {"lifetime": "1d", "rule": [world.sign_rule(RECEIVER)]}
    with FakedClock(world, {"dns": {"servers": [dns.address], "timeout": "700ms", "tries": 1, "cache-failure-ttl": "0s"}, "sign": rule}) as clock:
        signed = sign_own(clock.daemon, 0)
        expect_equal(verdict_on(clock.daemon, signed), "pass", "before the jumps")
        asked = dns.asked["udp"]
        for days, wanted in ((400, "policy"), (-3000, "policy"), (0, "pass")):
            wire, rest = begin(clock.daemon, b"ann@slow.example")
            clock.set(f"{days:+d}d")
            start = time.monotonic()
            with wire:
                wire.send(rest)
                verdict = wire.end_of_message()
            took = time.monotonic() - start
            expect(0.3 < took < 3 and "spf=temperror" in verdict.results, f"a jump of {days} days: {took:.2f} s, {verdict}")
            expect_equal(verdict_on(clock.daemon, signed), wanted, f"what is signed today, after a jump of {days} days")
            expect_equal(verdict_on(clock.daemon, sign_own(clock.daemon, days)), "pass", "what is signed since")
        expect(dns.asked["udp"] - asked < 25, f"{dns.asked['udp'] - asked} questions after the jumps")
        clock.daemon.terminate()
        expect_equal(clock.daemon.wait(), 0, "exit status")
    dns.stop()


@suite.case(f"a clock that is set forward ends nobody's session: who waits {CUT_AFTER} s later may finish his message")
def clock_forward(world):
    if not os.path.exists(FAKE_TIME):
        print("    not looked at: libfaketime is not installed")
        return
    with FakedClock(world, {"dns": {"zone-file": str(world.zone_file)}}) as clock:
        wire, rest = begin(clock.daemon, b"ann@lax.example")
        clock.set("+400d")
        over = time.monotonic() + CUT_AFTER
        with wire:
            while time.monotonic() < over:  # libmilter looks for old sessions while there are others
                expect(answer(clock.daemon, compose("ann@lax.example")).code == b"a", "mail after the jump")
            wire.send(rest)
            expect_equal(wire.end_of_message().code, b"a", "the message that was waited for")


def sign_own(daemon, days):
    """A message of ours with the daemon's signatures, whose time is so many days from now."""
    message = compose(OUR_OWN.decode())
    inserted = play(daemon.socket, message, OUR_OWN, "127.0.0.1").inserted
    signatures = [value.replace(b"\n", b"\r\n") for name, value in inserted if name == b"DKIM-Signature"]
    for value in signatures:
        found = int(re.search(rb"\bt=(\d+)", value)[1])
        expect(abs(found - time.time() - days * 86400) < 60, f"t= {days} days from now: {found}")
    return b"".join(b"DKIM-Signature:" + value + b"\r\n" for value in signatures) + message


def verdict_on(daemon, message):
    """What the daemon says of our signatures."""
    results = play(daemon.socket, message, OUR_OWN, STRANGERS_ADDRESS)
    said = results.results or results.reply.decode()
    found = set(re.findall(r"dkim=(\w+)", said))
    expect(len(found) == 1, f"one verdict on all: {results}")
    return found.pop()


def begin(daemon, sender):
    """A message as far as its header, and what is left to say."""
    packets = conversation(compose(sender.decode()), sender, STRANGERS_ADDRESS)
    names = [name for name, _ in packets]
    wire = MilterWire(daemon.socket)
    wire.send(packets[0][1])
    wire.receive()
    rest = names.index("header")
    wire.send(joined(packets[1:rest]))
    return wire, joined(packets[rest : names.index("abort")])


if __name__ == "__main__":
    suite.main(BadInputSite)
