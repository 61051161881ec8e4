"""A receiving site with its mail server: a Site and one Postfix that has a listener for each signetd."""

import itertools
from dataclasses import dataclass
from typing import Optional

from harness.mail import Arrived
from harness.postfix import PrivatePostfix
from harness.site import HELO, RECEIVER, SENDERS_ADDRESS, Site
from harness.smtp import Reply, SmtpClient
from harness.system import wait_until


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


class World(Site):
    """Start it with `with`. A subclass says which daemons there are, and what Postfix is told beside using them."""

    def __init__(self):
        super().__init__()
        behind = {name: {"smtpd_milters": daemon.for_postfix} for name, daemon in self.signetd.items()}
        self.postfix = PrivatePostfix(self.folder, behind | self.listeners(), self.postfix_settings())
        self._numbers = itertools.count(1)

    def listeners(self):
        """Further listeners: {name: Postfix parameters}; each daemon has one of its name."""
        return {}

    def postfix_settings(self):
        """Further lines of main.cf."""
        return {}

    def start(self):
        super().start()
        self.postfix.start()

    def stop(self):
        self.postfix.stop()
        super().stop()

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
