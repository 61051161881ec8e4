"""The demo: a few messages, each with what it shows, what the client was told, what arrived, and whether that is right."""

import sys
import textwrap
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests" / "e2e"))

from harness import mail  # noqa: E402
from harness.mail import compose  # noqa: E402
from harness.world import RECEIVER, Outcome, World  # noqa: E402

WIDTH = 100
DORA = f"dora@{RECEIVER}"
ORCHARD, HARBOUR, LIST = "192.0.2.10", "192.0.2.20", "192.0.2.30"  # the senders' mail servers
STRANGER = "198.51.100.66"


class DemoWorld(World):
    """receiver.example, whose mail server uses Signet; and three senders."""

    def configurations(self):
        return {"mx": {"quarantine": "hold", "sign": {"rule": [self.sign_rule(RECEIVER)]}}}

    def postfix_settings(self):
        return {"non_smtpd_milters": self.signetd["mx"].for_postfix}

    def fill_zone(self):
        self.zone.add_sender("orchard.example", dmarc="v=DMARC1; p=reject", keys=self.keys)
        self.zone.add_sender("harbour.example", spf=f"v=spf1 ip4:{HARBOUR} -all", dmarc="v=DMARC1; p=quarantine")
        self.zone.add_sender("list.example", spf=f"v=spf1 ip4:{LIST} -all", keys=self.keys)
        self.zone.add_sender(RECEIVER, dmarc="v=DMARC1; p=reject", keys=self.keys)


class Block:
    """What is printed of one message, and whether its expectations were met."""

    def __init__(self, number, title, story):
        self.title = title
        self.where = "nowhere"
        self.failed = 0
        self.checked = 0
        print(f"\n{number}. {title}")
        print(textwrap.fill(story, WIDTH, initial_indent="   ", subsequent_indent="   ") + "\n")

    def tell(self, label, text):
        print(textwrap.fill(f"   {label:<14}{text}", WIDTH, subsequent_indent=" " * 17))

    def quote(self, label, value):
        """A header field: long, so one part per line."""
        parts = [part.strip() for part in value.split(";") if part.strip()]
        self.tell(label, parts[0] + (";" if parts[1:] else ""))
        for part in parts[1:]:
            print(textwrap.fill(part, WIDTH, initial_indent=" " * 19, subsequent_indent=" " * 21))

    def expect(self, is_met, text):
        self.checked += 1
        self.failed += not is_met
        print(f"   {'[ok]' if is_met else '[NOT SO]'} {text}")

    def show(self, outcome: Outcome):
        """The part that all received messages have in common."""
        self.tell("client told", str(outcome.reply))
        if outcome.is_held:
            self.where = "held"
            self.tell("arrived", f"in the hold queue, as {outcome.reply.queue_id}")
        elif outcome.message:
            self.where = "delivered"
            self.tell("arrived", f"in {DORA.partition('@')[0]}'s mailbox, with this on top:")
            self.quote("", f"Authentication-Results: {outcome.message.results}")
        else:
            self.where = "refused"
            self.tell("arrived", "nothing")
        self.tell("log", f"action={outcome.record['action']} reason={outcome.record['reason']}")


class Demo:
    def __init__(self, world):
        self.world = world
        self.blocks = []

    def block(self, title, story):
        self.blocks.append(Block(len(self.blocks) + 1, title, story))
        return self.blocks[-1]

    def receive(self, message, sender, client):
        return self.world.send("mx", message, sender, client, helo=f"mail.{sender.partition('@')[2]}")

    # ---- mail from outside -----------------------------------------------------------------------------------------

    def signed(self):
        block = self.block(
            "A signed message",
            "orchard.example asks everybody to refuse mail in its name that is not authenticated (p=reject). Anna's "
            "server there has signed this message with DKIM, so it is.",
        )
        message = mail.sign(compose("Anna <anna@orchard.example>", DORA), "orchard.example", self.world.rsa)
        outcome = self.receive(message, "anna@orchard.example", ORCHARD)
        block.show(outcome)
        block.expect(block.where == "delivered", "it is delivered")
        block.expect(outcome.message.verdicts("dkim") == ["pass"], "the signature is good: dkim=pass")
        block.expect(outcome.message.verdicts("dmarc") == ["pass"], "and it is the author's domain's: dmarc=pass")

    def by_spf(self):
        block = self.block(
            "A message that only SPF speaks for",
            f"harbour.example signs nothing, but lists {HARBOUR} as its mail server (SPF), and that is where this comes from.",
        )
        outcome = self.receive(compose("Ben <ben@harbour.example>", DORA), "ben@harbour.example", HARBOUR)
        block.show(outcome)
        block.expect(block.where == "delivered", "it is delivered")
        block.expect(outcome.message.verdicts("spf")[:1] == ["pass"], "the client is a listed one: spf=pass")
        block.expect(outcome.message.verdicts("dmarc") == ["pass"], "SPF alone is enough: dmarc=pass")

    def forged_reject(self):
        block = self.block(
            "A forged message, p=reject",
            "A stranger writes in Anna's name, from an address that is not orchard.example's, without a signature.",
        )
        outcome = self.receive(compose("Anna <anna@orchard.example>", DORA), "anna@orchard.example", STRANGER)
        block.show(outcome)
        block.expect(outcome.reply.code == 550 and "5.7.26" in outcome.reply.text, "it is refused with 550 5.7.26")
        block.expect("DMARC" in outcome.reply.text and "orchard.example" in outcome.reply.text, "the reply says whose policy it is")

    def forged_quarantine(self):
        block = self.block(
            "A forged message, p=quarantine",
            "The same in Ben's name. harbour.example asks to set such mail aside; this server holds it for somebody to "
            'look at (quarantine = "hold"; by default it would be delivered with a tag to file on).',
        )
        outcome = self.receive(compose("Ben <ben@harbour.example>", DORA), "ben@harbour.example", STRANGER)
        block.show(outcome)
        held = [entry["queue_id"] for entry in self.world.postfix.held()]
        block.expect(outcome.reply.queue_id in held, "postqueue(1) shows it in the hold queue")
        results = self.world.postfix.held_message(outcome.reply.queue_id).verdicts("dmarc")
        block.expect(results == ["fail"], "the held message says why: dmarc=fail")

    def mailing_list(self):
        block = self.block(
            "A mailing list's copy",
            "Anna wrote to a list, which put [talk] before the Subject: that breaks her signature. The list signed the copy "
            "with its own name. To refuse it because of p=reject would be wrong (RFC 9989 §7.4), so it is quarantined.",
        )
        fields = [("List-Id", "Talk <talk.list.example>"), ("List-Unsubscribe", "<mailto:leave@list.example>")]
        original = compose("Anna <anna@orchard.example>", "talk@list.example", fields=fields)
        copy = mail.sign(original, "orchard.example", self.world.rsa).replace(b"Subject: ", b"Subject: [talk] ")
        outcome = self.receive(mail.sign(copy, "list.example", self.world.ed25519), "bounces@list.example", LIST)
        block.show(outcome)
        block.expect(block.where == "held", "it is held, not refused")
        block.expect(outcome.record.get("override") == "mailing_list", "the log says why: override=mailing_list")
        results = self.world.postfix.held_message(outcome.reply.queue_id).verdicts("dkim")
        block.expect(results == ["pass", "fail"], "the list's signature is good, the author's is broken")

    def forged_results(self):
        block = self.block(
            "A message that brings its own results",
            "Who writes such a field into a message hopes that a mail program believes it. Signet removes every field that "
            "claims to be from this server, and adds its own.",
        )
        lie = [("Authentication-Results", "mx.receiver.example; dmarc=pass header.from=list.example")]
        outcome = self.receive(compose("Carl <carl@list.example>", DORA, fields=lie), "carl@list.example", STRANGER)
        block.show(outcome)
        block.expect(block.where == "delivered", "it is delivered (list.example has no policy)")
        fields = outcome.message.fields("Authentication-Results")
        block.expect(len(fields) == 1 and "dmarc=none" in fields[0], "the one field there is ours: dmarc=none")

    # ---- our own mail ----------------------------------------------------------------------------------------------

    def outgoing(self):
        block = self.block(
            "Our own mail, by SMTP",
            "Dora sends a message out through this server. It is ours (her client is in sign.networks), so it is signed, "
            "with an RSA and an Ed25519 key, and not judged.",
        )
        recipient = "anna@orchard.example"
        with self.world.connect("mx", None, "client.receiver.example") as session:
            session.envelope(DORA, [recipient])
            block.tell("client told", str(session.data(compose(f"Dora <{DORA}>", recipient))))
        self.show_signed(block, self.world.postfix.wait_for_mail(recipient))

    def by_sendmail(self):
        block = self.block(
            "Our own mail, by sendmail(1)",
            "A program on the server itself sends a report. Postfix hands such mail to non_smtpd_milters.",
        )
        recipient = "ben@harbour.example"
        self.world.postfix.sendmail(compose(f"Reports <reports@{RECEIVER}>", recipient), f"reports@{RECEIVER}", [recipient])
        block.tell("program told", "nothing: sendmail(1) was content")
        self.show_signed(block, self.world.postfix.wait_for_mail(recipient))

    def show_signed(self, block, arrived):
        block.where = "sent, signed"
        block.tell("arrived", "on its way out, with these on top:")
        for value in arrived.fields("DKIM-Signature"):
            block.quote("", "DKIM-Signature: " + value.partition(" h=")[0] + " …")
        found = mail.verify(arrived.octets, self.world.zone)
        for algorithm in ("rsa-sha256", "ed25519-sha256"):
            block.expect((RECEIVER, algorithm, True) in found, f"python3-dkim verifies the {algorithm} signature")
        block.expect(not arrived.fields("Authentication-Results"), "it was not judged")

    # ---- all of it -------------------------------------------------------------------------------------------------

    def run(self):
        """Every message; one that cannot even be followed to its end counts as not as said."""
        steps = [self.signed, self.by_spf, self.forged_reject, self.forged_quarantine]
        steps += [self.mailing_list, self.forged_results, self.outgoing, self.by_sendmail]
        for step in steps:
            try:
                step()
            except (AssertionError, AttributeError, OSError) as error:
                self.blocks[-1].expect(False, f"this could be followed to its end: {error}")
        return self.summary()

    def summary(self):
        print(f"\nSummary\n\n   {'message':<44}{'became of it':<16}as expected")
        for number, block in enumerate(self.blocks, 1):
            verdict = "yes" if not block.failed else f"NO: {block.failed} of {block.checked} not"
            print(f"   {number}. {block.title:<41}{block.where:<16}{verdict}")
        failed = sum(block.failed for block in self.blocks)
        checked = sum(block.checked for block in self.blocks)
        print(f"\n{len(self.blocks)} messages: " + (f"{failed} of {checked} expectations NOT met" if failed else f"all {checked} expectations met"))
        return failed == 0


def introduce(world):
    print("\nSignet at work: a mail server of our own on loopback, with signetd as its filter.\n")
    for label, text in [
        ("Postfix", f"127.0.0.1:{world.postfix.ports['mx']}, configuration and queue in {world.folder}"),
        ("signetd", f"{world.signetd['mx'].socket}, configuration {world.signetd['mx'].file}"),
        ("DNS", f"no real one: everything is answered from {world.zone_file}"),
        ("clients", "by XCLIENT, Postfix and signetd take each to be where the text says"),
    ]:
        print(f"   {label:<10}{text}")


def main():
    with DemoWorld() as world:
        introduce(world)
        is_good = Demo(world).run()
        if not is_good:
            print("\nWhat signetd logged:\n   " + "\n   ".join(world.signetd["mx"].lines))
    print("Postfix and signetd are stopped, their files removed.")
    sys.exit(0 if is_good else 1)


if __name__ == "__main__":
    main()
