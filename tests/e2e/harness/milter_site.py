"""A site whose mail server is the test itself: it speaks the milter protocol to the daemons."""

from harness.mail import compose, sign
from harness.milter_wire import MilterWire, conversation, joined, play
from harness.site import STRANGERS_ADDRESS, Site
from harness.suite import expect

SENDER = b"ann@strict.example"


class MilterSite(Site):
    """`good` is accepted and `forged` is refused; `talk` is the conversation of the good one. The daemon that is attacked
    is called "victim"."""

    def __init__(self):
        super().__init__()
        self.forged = compose(SENDER.decode(), fields=[("X-Folded", "here\r\n\tand there")])
        self.good = sign(self.forged, "strict.example", self.rsa)
        self.talk = conversation(self.good, SENDER, STRANGERS_ADDRESS)

    def open(self, name="victim"):
        return MilterWire(self.signetd[name].socket)

    def check_service(self, after, name="victim"):
        """That a good message is accepted and a forged one refused, after whatever happened."""
        expect(self.signetd[name].is_running(), f"the daemon is dead after {after}")
        address = self.signetd[name].socket
        good = play(address, self.good, SENDER, STRANGERS_ADDRESS)
        expect("dmarc=pass" in good.results and good.code == b"a", f"a good message after {after}: {good}")
        forged = play(address, self.forged, SENDER, STRANGERS_ADDRESS)
        expect(forged.reply.startswith(b"550 5.7.26"), f"a forged message after {after}: {forged}")

    def attack(self, octets, after):
        """Sends the octets, sees that the daemon hangs up at their end, and that it still does its work."""
        with self.open() as wire:
            wire.send_if_wanted(octets)
            wire.read_to_end()
        self.check_service(after)

    def until(self, step):
        """The octets of an ordinary conversation before this step."""
        return joined(self.talk[: [name for name, _ in self.talk].index(step)])
