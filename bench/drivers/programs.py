"""The filters that are measured: how each is configured for a job, and what it must say.

A job is "sign", "verify" (DKIM) or "inbound" (SPF, DKIM and DMARC). `Site` is what they all share.
"""

import shutil
import socket as sockets
from dataclasses import dataclass
from pathlib import Path

from bench_dns import BenchDns
from harness.keys import Key
from harness.signetd import to_toml
from harness.system import free_port, program
from messages import INSIDE
from process import Process

HOST = "mx.receiver.example"  # what the load client says of the mail server it plays
DOMAIN = "n0000000.example"
SELECTOR = "s"


@dataclass
class Site:
    folder: Path
    dns: BenchDns
    key: Key


class Program:
    """One filter, or several in a row. Made for one job; `start` it before use and `stop` it."""

    name = ""
    jobs = ()
    says = {"sign": "DKIM-Signature:", "verify": "dkim=pass", "inbound": "dmarc=pass"}  # in the fields it inserts
    slowness = 1  # a program that needs so many times longer gets so many times fewer messages
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


class Signetd(Program):
    name = "signetd"
    jobs = ("sign", "verify", "inbound")

    def __init__(self, site, job, transport="unix", more=None):
        super().__init__(site, job, transport)
        self.more = more or {}  # further settings, by table

    def launch(self):
        socket = self.new_socket()
        path = self.write("signet.toml", to_toml(self.settings(socket)))
        self.run("signetd", [program("signetd"), "--config", path], socket)

    def settings(self, socket):
        settings = {"milter": {"socket": socket}, "dns": {"servers": [self.site.dns.server]}}
        if self.job == "sign":
            settings["sign"] = {"rule": [{"from": DOMAIN, "selector": SELECTOR, "key": str(self.site.key.path)}]}
        return {table: settings.get(table, {}) | self.more.get(table, {}) for table in settings | self.more}


class Floor(Program):
    """libmilter and nothing else."""

    name = "floor"
    jobs = ("sign", "verify", "inbound")
    says = dict.fromkeys(jobs, "")

    def launch(self):
        socket = self.new_socket()
        self.run("floor", [program("bench/floor"), socket], socket)


class Installed(Program):
    """A program of Debian's."""

    needs = ()  # paths, or names in PATH

    @classmethod
    def missing(cls):
        return ", ".join(need for need in cls.needs if not shutil.which(need))


class OpenDkim(Installed):
    name = "opendkim"
    jobs = ("sign", "verify")
    needs = ("/usr/sbin/opendkim",)

    def launch(self):
        self.start_opendkim(self.new_socket())

    def start_opendkim(self, socket):
        mode = f"Mode s\nDomain {DOMAIN}\nSelector {SELECTOR}\nKeyFile {self.site.key.path}\nInternalHosts {INSIDE}\n"
        settings = (
            f"{mode if self.job == 'sign' else 'Mode v'}\nCanonicalization relaxed/relaxed\nAuthservID {HOST}\n"
            f"Nameservers {self.site.dns.address}\nRequireSafeKeys no\nBackground no\nSyslog no\nSocket {for_sendmail(socket)}\n"
        )
        path = self.write("opendkim.conf", settings)
        self.run("opendkim", ["/usr/sbin/opendkim", "-f", "-x", path], socket, self.site.dns.resolv_conf)


class Chain(OpenDkim):
    """What stands in many howtos: a program for each mechanism. A subclass adds the one for SPF."""

    jobs = ("inbound",)

    def launch(self):
        self.start_spf()
        self.start_opendkim(self.new_socket("opendkim"))
        self.start_opendmarc(self.new_socket("opendmarc"))

    def start_spf(self):
        raise NotImplementedError

    def start_opendmarc(self, socket):
        settings = (
            f"AuthservID {HOST}\nTrustedAuthservIDs {HOST}\nRejectFailures true\nSyslog no\nBackground no\n"
            f"Socket {for_sendmail(socket)}\nIgnoreHosts {self.write('ignored', '')}\n"
        )
        path = self.write("opendmarc.conf", settings)
        self.run("opendmarc", ["/usr/sbin/opendmarc", "-f", "-c", path], socket, self.site.dns.resolv_conf)


class ChainWithMilter(Chain):
    name = "pyspf-milter+opendkim+opendmarc"
    needs = ("/usr/bin/pyspf-milter", "/usr/sbin/opendkim", "/usr/sbin/opendmarc")
    slowness = 5

    def start_spf(self):
        socket = self.new_socket("pyspf")
        settings = (
            f"debugLevel = 0\nHELO_reject = False\nMail_From_reject = False\nHeader_Type = AR\nAuthserv_Id = {HOST}\n"
            f"Socket = {for_sendmail(socket)}\nPidFile = {self.folder / 'pyspf.pid'}\n"
            f"InternalHosts = 127.0.0.0/8\nUserID = root\n"
        )
        path = self.write("pyspf-milter.conf", settings)
        self.run("pyspf-milter", ["/usr/bin/pyspf-milter", path], socket, self.site.dns.resolv_conf)


class ChainWithPolicy(Chain):
    name = "policyd-spf+opendkim+opendmarc"
    needs = ("/usr/bin/policyd-spf", "/usr/sbin/opendkim", "/usr/sbin/opendmarc")
    slowness = 20

    def start_spf(self):
        settings = self.write("policyd-spf.conf", "debugLevel = 0\nHELO_reject = False\nMail_From_reject = False\n")
        self.policy = ("/usr/bin/policyd-spf", settings)


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


PROGRAMS = [Signetd, Floor, OpenDkim, ChainWithMilter, ChainWithPolicy]
