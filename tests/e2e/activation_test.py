#!/usr/bin/python3
"""A socket that is passed to signetd as systemd passes one: what it may be, and that a restart loses nobody who waits in it."""

import os
import shutil
import socket
import subprocess
import threading
from pathlib import Path

from harness.mail import compose, sign
from harness.milter_wire import Closed, play
from harness.signetd import Signetd
from harness.site import STRANGERS_ADDRESS, Site
from harness.suite import Suite, expect, expect_equal
from harness.system import ROOT, program, wait_until

BAD_CONFIGURATION, NO_SOCKET = 78, 69
SENDER = b"ann@strict.example"
RESTARTS = 20
CLIENTS = 4
BACKLOG = 4096  # systemd's, where the kernel has it so (net.core.somaxconn)
ACTIVATED = {"milter": {"socket": "systemd:"}}

suite = Suite()


def passing(*numbers):
    """A command before signetd that has these descriptors passed to it as numbers 3, 4, … (sd_listen_fds(3))."""
    moves = " ".join(f"{3 + at}<&{number}" for at, number in enumerate(numbers))
    return ["bash", "-c", f'LISTEN_FDS={len(numbers)} LISTEN_PID=$$ exec "$@" {moves}', "bash"]


def listening_ports():
    """(port, inode) of each TCP socket of this machine that listens (proc_net_tcp)."""
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in Path(table).read_text().splitlines()[1:]:
            words = line.split()
            if words[3] == "0A":
                yield int(words[1].rpartition(":")[2], 16), words[9]


def open_files(pid):
    """What the descriptors of a process are; it counts its free ones by taking some for a moment."""
    found = set()
    for link in Path(f"/proc/{pid}/fd").iterdir():
        try:
            found.add(os.readlink(link))
        except FileNotFoundError:
            pass
    return found


class ActivatedSite(Site):
    """The test is the parent that keeps the sockets."""

    def __init__(self):
        super().__init__()
        self.kept = []
        self.forged = compose(SENDER.decode())
        self.good = sign(self.forged, "strict.example", self.rsa)

    def configurations(self):
        return {"activated": ACTIVATED, "inet": {}}

    def start(self):
        """The cases start the daemons."""

    def stop(self):
        super().stop()
        for one in self.kept:
            one.close()

    def keep(self, one):
        self.kept.append(one)
        return one

    def listen(self, family):
        """A listening socket of this family that stays, and how a client finds it."""
        door = self.keep(socket.socket(family))
        if family == socket.AF_UNIX:
            address = f"unix:{self.folder}/door{door.fileno()}.sock"
            door.bind(address[5:])
        else:
            host = "127.0.0.1" if family == socket.AF_INET else "::1"
            door.bind((host, 0))
            address = f"inet:{door.getsockname()[1]}@{host}"
        door.listen(BACKLOG)
        return door, address

    def start_with(self, door):
        daemon = self.signetd["activated"]
        daemon.under, daemon.passed = passing(door.fileno()), [door.fileno()]
        return daemon.start()

    def run(self, name, *doors):
        """The daemon's status and words, where it should not start."""
        numbers = [door.fileno() for door in doors]
        under = passing(*numbers) if numbers else []
        command = [*under, program("signetd"), "--config", self.signetd[name].file]
        ended = subprocess.run(command, pass_fds=numbers, capture_output=True, text=True, timeout=30, check=False)
        return ended.returncode, ended.stderr


class Clients:
    """Mail servers that connect, send one message and go, one after the other, while a `with` block runs."""

    def __init__(self, world, address):
        self.judged, self.failures = 0, []
        self._world, self._address = world, address
        self._is_over = threading.Event()
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._send, args=(number,), daemon=True) for number in range(CLIENTS)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._is_over.set()
        for thread in self._threads:
            thread.join()

    def _send(self, number):
        message, wanted = ((self._world.good, b"a"), (self._world.forged, b"y"))[number % 2]
        while not self._is_over.is_set():
            try:
                found = play(self._address, message, SENDER, STRANGERS_ADDRESS).code
            except (Closed, OSError) as error:
                found = repr(error)
            with self._lock:
                self.judged += found == wanted
                if found != wanted:
                    self.failures.append(found)


@suite.table(
    [
        ("a passed inet socket serves", socket.AF_INET),
        ("a passed inet6 socket serves", socket.AF_INET6),
        ("a passed unix socket serves, and the way to it leaves nothing in the file system", socket.AF_UNIX),
    ]
)
def families(world, family):
    door, address = world.listen(family)
    temporary = world.folder / "temporary"
    temporary.mkdir(exist_ok=True)
    os.environ["TMPDIR"] = str(temporary)
    daemon = world.start_with(door)
    expect_equal(play(address, world.good, SENDER, STRANGERS_ADDRESS).code, b"a", "a good message")
    expect_equal(play(address, world.forged, SENDER, STRANGERS_ADDRESS).code, b"y", "a forged message")
    expect(any("socket=systemd:" in line for line in daemon.lines), daemon.lines)
    own = open_files(daemon.pid)
    mine = [port for port, inode in listening_ports() if f"socket:[{inode}]" in own]
    expect_equal(mine, [] if family == socket.AF_UNIX else [door.getsockname()[1]], "TCP ports it listens on")
    daemon.terminate()
    expect_equal(daemon.wait(), 0, daemon.lines)
    expect_equal(os.listdir(temporary), [], "what is left in TMPDIR")
    expect(family != socket.AF_UNIX or os.path.exists(address[5:]), "the passed socket stays")


@suite.table(
    [
        ("a passed socket that the configuration does not ask for is refused", "inet", ["inet"], BAD_CONFIGURATION, "expected milter.socket = \"systemd:\""),
        ("no passed socket where the configuration asks for one is refused", "activated", [], BAD_CONFIGURATION, "no socket passed"),
        ("two passed sockets are refused", "activated", ["inet", "inet"], NO_SOCKET, "more than one socket (2), expected one"),
        ("a datagram socket is refused", "activated", ["datagram"], NO_SOCKET, "of another type than stream"),
        ("a socket that does not listen is refused", "activated", ["deaf"], NO_SOCKET, "that does not listen"),
        ("a socket of another family is refused", "activated", ["packet"], NO_SOCKET, "of another family"),
        ("a file is refused", "activated", ["file"], NO_SOCKET, "no socket"),
    ]
)
def refused(world, name, kinds, status, fragment):
    make = {
        "inet": lambda: world.listen(socket.AF_INET)[0],
        "datagram": lambda: world.keep(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)),
        "deaf": lambda: world.keep(socket.socket(socket.AF_INET)),
        "packet": lambda: world.keep(socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)),
        "file": lambda: world.keep(open(world.signetd[name].file, "rb")),
    }
    found, said = world.run(name, *[make[kind]() for kind in kinds])
    expect_equal((found, said.count("\n")), (status, 1), said)
    expect(said.startswith(f"signetd: {world.signetd[name].file}:") and fragment in said, said)


@suite.case(f"{RESTARTS} restarts while {CLIENTS} clients connect without pause: none is refused, lost or cut")
def restarts(world):
    door, address = world.listen(socket.AF_INET)
    daemon = world.start_with(door)
    with Clients(world, address) as clients:
        for number in range(RESTARTS):
            wait_until(lambda so_far=clients.judged: clients.judged > so_far or clients.failures, "a message to be judged")
            daemon.terminate()
            expect_equal(daemon.wait(), 0, f"exit status of restart {number}: {daemon.lines[-3:]}")
            expect(not any("messages_cut" in line for line in daemon.lines), daemon.lines[-3:])
            daemon.start()
    print(f"        {clients.judged} messages")
    expect_equal(clients.failures, [], "clients that were refused, lost or cut")
    daemon.terminate()
    expect_equal(daemon.wait(), 0, "exit status")


@suite.case("who connects while nobody runs is served as soon as somebody does")
def waiting(world):
    door, address = world.listen(socket.AF_INET)
    with Clients(world, address) as clients:
        threading.Event().wait(0.2)
        expect_equal((clients.judged, clients.failures), (0, []), "while nobody runs")
        daemon = world.start_with(door)
        wait_until(lambda: clients.judged >= CLIENTS, "those who waited")
    expect_equal(clients.failures, [], "clients")
    daemon.terminate()
    expect_equal(daemon.wait(), 0, "exit status")


@suite.case("signet.socket listens where signetd listens by default, and is passed to signet.service")
def unit(_):
    text = (ROOT / "dist/systemd/signet.socket").read_text()
    expect("\nListenStream=127.0.0.1:8891\n" in text and "\nAccept=" not in text, text)
    if not shutil.which("systemd-analyze"):
        print("    not looked at further: systemd-analyze is not installed")
        return
    units = [str(ROOT / "dist/systemd/signet.socket")]
    checked = subprocess.run(["systemd-analyze", "verify", "--man=no", *units], capture_output=True, text=True, check=False)
    found = [line for line in (checked.stdout + checked.stderr).splitlines() if "signet.socket" in line]
    expect_equal(found, [], "what systemd-analyze verify says")


if __name__ == "__main__":
    suite.main(ActivatedSite, needs_root=False)
