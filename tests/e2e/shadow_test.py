#!/usr/bin/python3
"""Shadow mode: behind policyd-spf, opendkim and opendmarc, Signet changes nothing and says where it differs from them."""

import json
import subprocess

from harness.mail import compose, sign
from harness.old_chain import OldChain
from harness.site import RECEIVER, SENDERS_ADDRESS, STRANGERS_ADDRESS, fill_with_senders
from harness.suite import Suite, expect, expect_equal
from harness.system import program, wait_until
from harness.world import World

OURS = "mx.receiver.example"  # the authserv-id of all: the mail server's name
# Its Organizational Domain is example.com by the list, mid.example.com by psd=n. OpenDMARC finds none below an unlisted suffix.
FROM_BELOW = "ann@deep.mid.example.com"

suite = Suite()


class ShadowWorld(World):
    """The daemon "shadow" stands behind the old chain; its log as JSON is that of the daemon "json"."""

    def __init__(self):
        self.old = None
        super().__init__()

    def configurations(self):
        rule = {"from": [RECEIVER, "new.example"], "selector": "rsa", "key": str(self.rsa.path)}
        return {
            "shadow": {"mode": "shadow", "sign": {"rule": [rule]}},
            "json": {"mode": "shadow", "log": {"format": "json", "levels": {"message": "debug"}}},
        }

    def listeners(self):
        self.old = OldChain(self.folder, self.zone, OURS, f"{RECEIVER},old.example", self.rsa)
        restrictions = f"{self.old.policy_check}, permit_mynetworks, reject_unauth_destination"
        return {
            name: {
                "smtpd_milters": ", ".join([*self.old.milters, f"{{ {daemon.for_postfix}, default_action=accept }}"]),
                "smtpd_recipient_restrictions": restrictions,
            }
            for name, daemon in self.signetd.items()
        }

    def postfix_settings(self):
        return {"policy_time_limit": "60s"}

    def fill_zone(self):
        fill_with_senders(self.zone, self.keys)
        self.zone.add_sender(RECEIVER, keys=self.keys)
        self.zone.add_sender("example.com", dmarc="v=DMARC1; p=reject", keys=self.keys)
        self.zone.add_sender("deep.mid.example.com", spf=f"v=spf1 ip4:{SENDERS_ADDRESS} -all")
        self.zone.add("_dmarc.mid.example.com", "TXT", "v=DMARC1; p=reject; psd=n")

    def start(self):
        self.old.start()
        super().start()

    def stop(self):
        super().stop()
        self.old.stop()

    def said(self):
        """What the daemon logged, but for the look at its keys, which comes when it comes."""
        return [line for line in list(self.signetd["shadow"].lines) if " keys: " not in line]


def deliver(world, message, sender, client=SENDERS_ADDRESS, listener="shadow"):
    """What arrived, and its queue id."""
    recipient = world.new_recipient()
    with world.connect(listener, client) as session:
        session.envelope(sender, [recipient])
        reply = session.data(message)
    expect_equal(reply.code, 250, f"reply {reply}")
    return world.postfix.wait_for_mail(recipient), reply.queue_id


def differences(world, queue_id, count):
    """{mechanism: (ours, theirs, reason)} of the message, once there are so many."""

    def find():
        lines = [dict(word.partition("=")[::2] for word in line.split()) for line in list(world.signetd["shadow"].lines)]
        found = {line["mechanism"]: (line["ours"], line["theirs"], line["reason"]) for line in lines if line.get("qid") == queue_id}
        return found if len(found) == count else None

    return wait_until(find, f"{count} differences of {queue_id} in {world.signetd['shadow'].lines}", timeout=5)


def strict(world, **parts):
    return sign(compose("Ann <ann@strict.example>", **parts), "strict.example", world.rsa)


def from_below(world):
    """Signed by what only the list takes for the same organization."""
    return sign(compose(FROM_BELOW), "example.com", world.rsa)


@suite.case("where both say the same nothing is logged, and the message is as the old chain left it")
def equal(world):
    before = len(world.said())
    arrived, queue_id = deliver(world, strict(world), "ann@strict.example")
    results = arrived.fields("Authentication-Results")
    expect_equal(len(results), 2, f"results: {results}")  # opendkim's and opendmarc's
    expect(any("dkim=pass" in one for one in results) and any("dmarc=pass" in one for one in results), results)
    expect(arrived.fields("Received-SPF")[0].startswith("Pass"), arrived.fields("Received-SPF"))
    expect_equal(world.said()[before:], [], f"log of {queue_id}")


@suite.case("both refuse to believe a forged message, which is equal, too; nothing is refused")
def forged(world):
    before = len(world.said())
    deliver(world, compose("ann@strict.example"), "ann@strict.example", STRANGERS_ADDRESS)
    expect_equal(world.said()[before:], [], "log")


@suite.case("where RFC 9989 and RFC 7489 differ, that is the reason")
def treewalk(world):
    _, queue_id = deliver(world, from_below(world), "ann@strict.example")
    found = differences(world, queue_id, 1)
    expect_equal(found, {"dmarc": ("fail", "pass", "rfc9989_treewalk")}, "differences")


@suite.case("results that came with the message are taken for nobody's")
def results_below(world):
    false = f"{OURS}; spf=fail smtp.mailfrom=x; dkim=fail header.d=strict.example; dmarc=fail header.from=strict.example"
    before = len(world.said())
    fields = [("Received", "from x by y; Thu, 01 Oct 2026 12:00:00 +0000"), ("Authentication-Results", false)]
    deliver(world, strict(world, fields=fields), "ann@strict.example")
    expect_equal(world.said()[before:], [], "log")


@suite.table(
    [
        ("a message that both sign is equal", f"ann@{RECEIVER}", None),
        ("a domain that only the old chain signs for is told", "ann@old.example", ("no-rule-for-domain", "old.example:rsa")),
        ("a domain that only Signet would sign for is told", "ann@new.example", ("new.example:rsa", "-")),
    ]
)
def signatures(world, sender, wanted):
    before = len(world.said())
    arrived, queue_id = deliver(world, compose(sender), sender, client=None)
    signed_by_old = sender != "ann@new.example"
    expect_equal(len(arrived.fields("DKIM-Signature")), int(signed_by_old), "signatures")
    if wanted is None:
        expect_equal(world.said()[before:], [], "log")
    else:
        reason = "ours_unsigned" if signed_by_old else "theirs_unsigned"
        expect_equal(differences(world, queue_id, 1), {"sign": (*wanted, reason)}, "differences")


@suite.case("a log of JSON objects says it with the same keys, and the message's own line where it is asked for")
def as_json(world):
    _, queue_id = deliver(world, from_below(world), "ann@strict.example", listener="json")
    daemon = world.signetd["json"]
    mine = wait_until(lambda: [r for r in map(json.loads, list(daemon.lines)) if r.get("qid") == queue_id][1:], "two lines")
    difference = mine[-1]
    expect_equal((difference["component"], difference["mechanism"], difference["reason"]), ("shadow", "dmarc", "rfc9989_treewalk"), "line")
    expect(difference["time"].endswith("Z") and difference["level"] == "info", difference)


@suite.case("signet shadow sums up what the daemons said until their end")
def summed_up(world):
    for name, messages, equal_ones, look in (("shadow", 7, 4, True), ("json", 1, 0, False)):
        daemon = world.signetd[name]
        daemon.terminate()
        expect_equal(daemon.wait(), 0, "exit status")
        log = world.folder / f"{name}.log"
        log.write_text("\n".join(daemon.lines) + "\n")
        shown = subprocess.run([program("signet"), "shadow", "--json", "--log", log], capture_output=True, text=True, check=False)
        expect_equal(shown.returncode, int(look), f"exit status; {shown.stdout}{shown.stderr}")
        made = json.loads(shown.stdout)
        expect_equal((made["messages"], made["equal"], made["safe_to_switch"]), (messages, equal_ones, not look), shown.stdout)
        expect("rfc9989_treewalk" in [one["reason"] for one in made["differences"]], shown.stdout)


if __name__ == "__main__":
    suite.main(ShadowWorld)
