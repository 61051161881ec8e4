"""What people would use instead, as Debian has it."""

import string
from pathlib import Path

from messages import INSIDE
from program import DOMAIN, HOST, SELECTOR, Installed, for_sendmail


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


class Rspamd(Installed):
    """With the modules of the job only, and no Redis: a proxy that checks by itself, on both processors."""

    name = "rspamd"
    jobs = ("sign", "verify", "inbound")
    needs = ("/usr/bin/rspamd",)
    mib_of_half_mail = 20  # it keeps messages
    TEMPLATE = Path(__file__).with_name("rspamd.conf")

    def launch(self):
        socket = self.new_socket()
        values = {"folder": self.folder, "socket": for_rspamd(socket), "dns": self.site.dns.address, "key": self.site.key.path}
        values["tld"] = self.write("tld", "com\nnet\norg\nexample\n")  # the whole list takes it half a minute to compile
        template = string.Template(self.TEMPLATE.read_text(encoding="utf-8"))
        path = self.write("rspamd.conf", template.substitute(values, domain=DOMAIN, selector=SELECTOR, **self._modules()))
        self.run("rspamd", ["/usr/bin/rspamd", "--no-fork", "--insecure", "--config", path], socket)

    def _modules(self):
        """Which are on: a C module by the list of filters, one in Lua by not being disabled."""
        is_signing, is_inbound = self.job == "sign", self.job == "inbound"
        return {
            "filters": "dkim,spf" if is_inbound else "dkim",
            "signing": str(is_signing).lower(),
            "dmarc": str(is_inbound).lower(),
            "results": str(not is_signing).lower(),
        }


class Yenma(Installed):
    """Named because people compare with it; Debian does not have it."""

    name = "yenma"
    jobs = ("verify", "inbound")

    @classmethod
    def missing(cls):
        return "not in Debian, and not driven from here"


def for_rspamd(socket):
    kind, _, place = socket.partition(":")
    port, _, host = place.partition("@")
    return f"{host}:{port}" if kind == "inet" else f"{place} mode=0666"
