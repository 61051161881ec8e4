"""A site whose mail server is the test itself: it speaks the milter protocol to the daemons."""

from harness.mail import compose, sign
from harness.milter_wire import MilterWire, conversation, joined, play
from harness.site import STRANGERS_ADDRESS, Site
from harness.suite import expect, expect_equal
from harness.system import wait_until
from harness.usage import Usage

SENDER = b"ann@strict.example"
IDLE_DESCRIPTORS = 20  # more than a daemon without connections has open
SANITIZERS_SAY = ("SUMMARY: ", "runtime error:", "terminate called")
# Its own code, which is not instrumented: when it stops, it closes its socket and destroys its locks while its workers use
# them (ADR 0008). What races in ours has its summary there.
NOT_OURS = "libmilter.so"


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

    def check_clean_end(self, name="victim"):
        """That nothing is left open, and that the daemon then ends as it should: a sanitizer has found nothing, either."""
        daemon = self.signetd[name]
        usage = Usage(daemon.pid)
        wait_until(lambda: usage.descriptors() < IDLE_DESCRIPTORS, f"the connections of {name} to be closed")
        daemon.terminate()
        expect_equal(daemon.wait(), 0, f"exit status of {name}; log: {daemon.lines[-3:]}")
        expect_no_report(daemon)

    def until(self, step):
        """The octets of an ordinary conversation before this step."""
        return joined(self.talk[: [name for name, _ in self.talk].index(step)])


def expect_no_report(daemon):
    found = [line for line in daemon.lines if any(words in line for words in SANITIZERS_SAY) and NOT_OURS not in line]
    expect(not found, "\n".join(found[:5]))
