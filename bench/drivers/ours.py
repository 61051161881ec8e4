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
    jobs = ("sign", "verify", "inbound", "body")
    says = dict.fromkeys(jobs, "")
    options = ()

    def launch(self):
        socket = self.new_socket()
        self.run("floor", [program("bench/floor"), socket, *self.options], socket)


class FloorThatReplies(Floor):
    """The same, but each chunk of a body gets an answer, so that one of them could be "no more"."""

    name = "floor, answering chunks"
    jobs = ("body",)
    options = ("reply",)


class FloorThatSkips(Floor):
    """The same, and the first chunk is answered "no more"."""

    name = "floor, skipping the body"
    jobs = ("body",)
    options = ("skip",)
