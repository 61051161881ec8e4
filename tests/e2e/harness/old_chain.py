"""What Signet replaces, as Debian has it: policyd-spf as Postfix's policy service, opendkim and opendmarc as its filters."""

import atexit
import socketserver
import subprocess
import threading

from harness.dns_server import DnsServer
from harness.system import OWN_RESOLV_CONF, TIED, free_port, is_answering, wait_until

DNS_HOST = "127.53.89.1"  # opendmarc and policyd-spf only know port 53, so it is a loopback address of our own
INSIDE = "127.0.0.1"


class OldChain:
    """Start it before Postfix, stop it after. Signs mail of `domain` that comes from loopback, and checks the rest."""

    def __init__(self, folder, zone, name, domain, key):
        self._folder, self._name = folder, name
        self._dns = DnsServer(zone, host=DNS_HOST, port=53)
        self._resolv_conf = self._write("resolv.conf", f"nameserver {DNS_HOST}\noptions timeout:2 attempts:2\n")
        self._opendkim_port, self._opendmarc_port = free_port(), free_port()
        self._opendkim = self._write(
            "opendkim.conf",
            f"Mode sv\nDomain {domain}\nSelector {key.selector}\nKeyFile {key.path}\nInternalHosts {INSIDE}\n"
            f"Canonicalization relaxed/relaxed\nAuthservID {name}\nNameservers {DNS_HOST}\nRequireSafeKeys no\nSyslog no\n"
            f"Background no\nSocket inet:{self._opendkim_port}@127.0.0.1\nAlwaysAddARHeader yes\n",
        )
        self._opendmarc = self._write(
            "opendmarc.conf",
            f"AuthservID {name}\nTrustedAuthservIDs {name}\nRejectFailures false\nSyslog no\nBackground no\n"
            f"PublicSuffixList /usr/share/publicsuffix/public_suffix_list.dat\nIgnoreHosts {self._write('ignored', INSIDE)}\n"
            f"Socket inet:{self._opendmarc_port}@127.0.0.1\n",
        )
        self._policyd = self._write(
            "policyd-spf.conf", "debugLevel = 0\nHELO_reject = False\nMail_From_reject = False\nPermError_reject = False\n"
        )
        self._policy = PolicyService(self._around(["/usr/bin/policyd-spf", self._policyd]))
        self._daemons = []

    @property
    def milters(self):
        return [f"inet:127.0.0.1:{self._opendkim_port}", f"inet:127.0.0.1:{self._opendmarc_port}"]

    @property
    def policy_check(self):
        """For smtpd_recipient_restrictions."""
        return f"check_policy_service inet:127.0.0.1:{self._policy.port}"

    def start(self):
        atexit.register(self.stop)
        self._run(["/usr/sbin/opendkim", "-f", "-x", self._opendkim], self._opendkim_port)
        self._run(["/usr/sbin/opendmarc", "-f", "-c", self._opendmarc], self._opendmarc_port)

    def stop(self):
        """Safe to repeat."""
        daemons, self._daemons = self._daemons, []
        for daemon in daemons:
            daemon.kill()
            daemon.wait()
        if daemons:
            self._policy.stop()
            self._dns.stop()

    def _around(self, command):
        return [*TIED, *OWN_RESOLV_CONF, self._resolv_conf, *command]

    def _run(self, command, port):
        log = (self._folder / f"old-{port}.log").open("wb")
        self._daemons.append(
            subprocess.Popen(self._around(command), stdin=subprocess.DEVNULL, stdout=log, stderr=log)  # pylint: disable=consider-using-with
        )
        wait_until(lambda: is_answering(port), f"{command[0]} to listen")

    def _write(self, name, text):
        path = self._folder / f"old-{name}"
        path.write_text(text)
        path.chmod(0o644)
        return str(path)


class _Asked(socketserver.BaseRequestHandler):
    def handle(self):
        subprocess.run(self.server.command, stdin=self.request, stdout=self.request, check=False)


class PolicyService(socketserver.ThreadingTCPServer):
    """As Postfix's spawn(8): the command talks with whoever connects."""

    daemon_threads = True

    def __init__(self, command):
        super().__init__(("127.0.0.1", 0), _Asked)
        self.command = command
        self.port = self.server_address[1]
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self):
        self.shutdown()
        self.server_close()
