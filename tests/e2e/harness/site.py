"""A receiving site without its mail server, and the senders around it: one zone, keys and, for each named configuration,
one signetd."""

from harness.keys import make_key
from harness.signetd import Signetd
from harness.system import exit_on_signals, temporary_folder
from harness.zone import DnsZone

RECEIVER = "receiver.example"
SENDERS_ADDRESS = "192.0.2.1"  # the one that every sender's SPF record lists
STRANGERS_ADDRESS = "198.51.100.66"  # the one that none does
HELO = "mx.sender.example"


def fill_with_senders(zone, keys):
    """Domains of every kind; what each is for is in its name."""
    spf = f"v=spf1 ip4:{SENDERS_ADDRESS} ip6:2001:db8:5::/48 -all"
    policies = {
        "strict.example": "v=DMARC1; p=reject",
        "wary.example": "v=DMARC1; p=quarantine",
        "lax.example": "v=DMARC1; p=none",
        "testing.example": "v=DMARC1; p=reject; t=y",
        "wary-testing.example": "v=DMARC1; p=quarantine; t=y",
        "parent.example": "v=DMARC1; p=none; sp=reject; np=quarantine",
        "broken-policy.example": "v=DMARC1; p=whatever",
        "exempt.example": "v=DMARC1; p=reject",
        "sampled.example": "v=DMARC1; p=reject; pct=0",
        "plain.example": None,
        "xn--grn-ioa.example": "v=DMARC1; p=reject",  # grün.example
    }
    for domain, dmarc in policies.items():
        zone.add_sender(domain, spf=spf, dmarc=dmarc, keys=keys)
        zone.fail(f"broken._domainkey.{domain}", "TXT")
    zone.add_sender("bounce.strict.example", spf=spf)
    zone.add("sub.parent.example", "A", "192.0.2.81")
    zone.add_sender("dark.example", spf=spf, keys=keys)
    zone.fail("_dmarc.dark.example", "TXT")
    zone.add_sender("list.example", spf="v=spf1 ip4:192.0.2.3 -all", keys=keys)
    zone.add_sender("forwarder.example", spf="v=spf1 ip4:192.0.2.4 -all")
    zone.add_sender("explaining.example", spf="v=spf1 -all exp=why.explaining.example")
    zone.add("why.explaining.example", "TXT", "We never send mail from %{i}")
    zone.add_sender(HELO, spf=f"v=spf1 ip4:{SENDERS_ADDRESS} -all")


class Site:
    """Start it with `with`. A subclass says which daemons there are."""

    def __init__(self):
        exit_on_signals()
        self.folder = temporary_folder()
        self.rsa = make_key(self.folder, "rsa")
        self.ed25519 = make_key(self.folder, "ed", "ed25519")
        self.keys = [self.rsa, self.ed25519]
        self.zone = DnsZone()
        self.fill_zone()
        self.zone_file = self.zone.write(self.folder / "zone")
        self.signetd = {name: self.make_signetd(name, settings) for name, settings in self.configurations().items()}

    def configurations(self):
        """{name: signetd's settings}."""
        raise NotImplementedError

    def fill_zone(self):
        fill_with_senders(self.zone, self.keys)

    def make_signetd(self, name, settings):
        """A daemon that takes its DNS from the zone file unless the settings say otherwise."""
        return Signetd(self.folder, name, {"dns": {"zone-file": str(self.zone_file)}, **settings})

    def sign_rule(self, *patterns):
        """A [[sign.rule]] with both keys."""
        return {"from": list(patterns), "keys": [{"selector": key.selector, "file": str(key.path)} for key in self.keys]}

    def start(self):
        for daemon in self.signetd.values():
            daemon.start()

    def stop(self):
        for daemon in self.signetd.values():
            daemon.kill()

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_):
        self.stop()
