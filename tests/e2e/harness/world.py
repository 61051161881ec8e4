"""A receiving site and the senders around it: one zone, one Postfix and, for each named configuration, one signetd
behind one listener."""

import itertools
from dataclasses import dataclass
from typing import Optional

from harness.keys import make_key
from harness.mail import Arrived
from harness.postfix import PrivatePostfix
from harness.signetd import Signetd
from harness.smtp import Reply, SmtpClient
from harness.system import exit_on_signals, temporary_folder, wait_until
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


@dataclass
class Outcome:
    """What became of one message."""

    reply: Reply
    message: Optional[Arrived]  # delivered; None: refused or held
    is_held: bool
    record: dict  # signetd's log line

    def __str__(self):
        place = "held" if self.is_held else "delivered" if self.message else "nowhere"
        return f"reply [{self.reply}], {place}, log {self.record}, results [{self.message and self.message.results}]"


class World:
    """Start it with `with`. A subclass says which daemons there are, and what Postfix is told beside using them."""

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
        behind = {name: {"smtpd_milters": daemon.for_postfix} for name, daemon in self.signetd.items()}
        self.postfix = PrivatePostfix(self.folder, behind | self.listeners(), self.postfix_settings())
        self._numbers = itertools.count(1)

    def configurations(self):
        """{name: signetd's settings}; each gets a listener of that name."""
        raise NotImplementedError

    def listeners(self):
        """Further listeners: {name: Postfix parameters}."""
        return {}

    def postfix_settings(self):
        """Further lines of main.cf."""
        return {}

    def fill_zone(self):
        fill_with_senders(self.zone, self.keys)

    def make_signetd(self, name, settings):
        """A daemon that takes its DNS from the zone file unless the settings say otherwise."""
        return Signetd(self.folder, name, {"dns": {"zone-file": str(self.zone_file)}, **settings})

    def sign_rule(self, *patterns):
        """A [[sign.rule]] with both keys."""
        return {"from": list(patterns), "keys": [{"selector": key.selector, "file": str(key.path)} for key in self.keys]}

    def __enter__(self):
        try:
            for daemon in self.signetd.values():
                daemon.start()
            self.postfix.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.postfix.stop()
        for daemon in self.signetd.values():
            daemon.kill()

    def new_recipient(self):
        """An address nobody has written to."""
        return f"r{next(self._numbers)}@{RECEIVER}"

    def connect(self, listener, client=SENDERS_ADDRESS, helo=HELO):
        """An SMTP session; `client` is where Postfix and signetd take it to come from, None: from loopback."""
        session = SmtpClient(self.postfix.ports[listener])
        session.open(client, helo)
        return session

    def send(self, listener, message, sender, client=SENDERS_ADDRESS, helo=HELO, parameters=""):
        """One message in a session of its own, followed to where it ends."""
        recipient = self.new_recipient()
        before = self.count_records(listener)
        with self.connect(listener, client, helo) as session:
            session.envelope(sender, [recipient], parameters)
            reply = session.data(message)
            return self.follow(listener, reply, recipient, before)

    def count_records(self, listener):
        return len(self.signetd[listener].records())

    def follow(self, listener, reply, recipient, records_before):
        """Waits for what the reply promises: a delivered or held message, and always a new log line."""
        records = self.signetd[listener].records
        wait_until(lambda: len(records()) > records_before, "signetd's log line")
        record = records()[records_before]
        if reply.code != 250:
            return Outcome(reply, None, False, record)
        held = wait_until(lambda: self._place(reply, recipient), f"{reply} to arrive") == "hold"
        return Outcome(reply, None if held else self.postfix.mailbox(recipient)[-1], held, record)

    def _place(self, reply, recipient):
        if self.postfix.is_held(reply.queue_id):
            return "hold"
        return "mailbox" if self.postfix.mailbox(recipient) else None
