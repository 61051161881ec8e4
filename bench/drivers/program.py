"""What every filter that is measured has in common. A job is "sign", "verify" (DKIM) or "inbound" (SPF, DKIM, DMARC)."""

import shutil
import socket as sockets
from dataclasses import dataclass
from pathlib import Path

from bench_dns import BenchDns
from harness.keys import Key
from harness.system import free_port
from process import Process

HOST = "mx.receiver.example"  # what the load client says of the mail server it plays
DOMAIN = "n0000000.example"
SELECTOR = "s"


@dataclass
class Site:
    """What all of them share."""

    folder: Path
    dns: BenchDns
    key: Key


class Program:
    """One filter, or several in a row. Made for one job; `start` it before use and `stop` it."""

    name = ""
    jobs = ()
    says = {"sign": "DKIM-Signature:", "verify": "dkim=pass", "inbound": "dmarc=pass"}  # in the fields it inserts
    slowness = 1  # a program that needs so many times longer gets so many times fewer messages
    mib_of_half_mail = 0  # what one session in the middle of 20 MB takes, if that is much
    policy = ()  # the command of a policy server that comes first

    def __init__(self, site, job, transport="unix"):
        self.site = site
        self.job = job
        self.folder = site.folder / f"{self.name}-{job}-{transport}"
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir()
        self.folder.chmod(0o755)
        self.processes = []
        self.transport = transport

    @classmethod
    def missing(cls):
        """What is not installed; empty: it can run."""
        return ""

    def start(self):
        """Starts the processes and gives itself."""
        self.launch()
        return self

    def launch(self):
        raise NotImplementedError

    @property
    def sockets(self):
        """The sockets that a message goes through."""
        return [socket for _, socket in self.processes]

    def run(self, name, command, socket, resolv_conf=None):
        """Starts one process that will listen there."""
        process = Process(name, command, self.folder / f"{name}.log", resolv_conf)
        self.processes.append((process, socket))
        process.start(lambda: is_listening(socket))

    def new_socket(self, name="milter"):
        if self.transport == "inet":
            return f"inet:{free_port()}@127.0.0.1"
        return f"unix:{self.folder / name}"

    def write(self, name, text):
        path = self.folder / name
        path.write_text(text)
        return path

    def stop(self):
        for process, _ in reversed(self.processes):
            process.stop()
        self.processes = []

    def cpu_seconds(self):
        return sum(process.cpu_seconds() for process, _ in self.processes)

    def resident_mib(self):
        return sum(process.resident_mib() for process, _ in self.processes)


class Installed(Program):
    """A program of Debian's."""

    needs = ()  # paths, or names in PATH

    @classmethod
    def missing(cls):
        return ", ".join(need for need in cls.needs if not shutil.which(need))


def for_sendmail(socket):
    """A socket in libmilter's words."""
    return socket.replace("unix:", "local:")


def is_listening(socket):
    kind, _, place = socket.partition(":")
    family, address = sockets.AF_UNIX, place
    if kind == "inet":
        port, _, host = place.partition("@")
        family, address = sockets.AF_INET, (host, int(port))
    with sockets.socket(family) as probe:
        return probe.connect_ex(address) == 0
