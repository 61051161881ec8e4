"""What we measure: signetd, and the least that any filter made with libmilter costs."""

from harness.signetd import to_toml
from harness.system import program
from program import DOMAIN, SELECTOR, Program


class Signetd(Program):
    name = "signetd"
    jobs = ("sign", "verify", "inbound")
    more = {}  # further settings, see with_settings

    def launch(self):
        socket = self.new_socket()
        path = self.write("signet.toml", to_toml(self.settings(socket)))
        self.run("signetd", [program("signetd"), "--config", path], socket)

    def settings(self, socket):
        settings = {"milter": {"socket": socket}, "dns": {"servers": [self.site.dns.server]}}
        if self.job == "sign":
            settings["sign"] = {"rule": [{"from": DOMAIN, "selector": SELECTOR}]}
        merged = self.more.get("", {}) | settings
        merged |= {table: settings.get(table, {}) | more for table, more in self.more.items() if table}
        for rule in merged.get("sign", {}).get("rule", []):
            rule["key"] = str(self.site.key.path)
        return merged


def with_settings(more):
    """Signetd with further settings: {table: {setting: value}}, the table "" being the top. Rules need no key."""

    class Configured(Signetd):
        pass

    Configured.more = more
    return Configured


class Floor(Program):
    """libmilter and nothing else."""

    name = "floor"
    jobs = ("sign", "verify", "inbound")
    says = dict.fromkeys(jobs, "")

    def launch(self):
        socket = self.new_socket()
        self.run("floor", [program("bench/floor"), socket], socket)
