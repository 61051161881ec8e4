"""The demo: a few messages, each with what it shows, what the client was told, what arrived, and whether that is right."""

import sys
import textwrap
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests" / "e2e"))

from harness import mail  # noqa: E402
from harness.mail import compose  # noqa: E402
from harness.site import RECEIVER  # noqa: E402
from harness.world import World  # noqa: E402

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

    def show(self, outcome, arrived):
        """The part that all received messages have in common; `arrived` is the message, wherever it is, or None."""
        self.where = "held" if outcome.is_held else "delivered" if arrived else "refused"
        places = {"held": "in the hold queue", "delivered": "in Dora's mailbox", "refused": "nothing"}
        self.tell("client told", str(outcome.reply))
        self.tell("arrived", places[self.where] + (", with this on top:" if arrived else ""))
        if arrived:
            self.quote("", f"Authentication-Results: {arrived.results}")
        words = [f"{key}={outcome.record[key]}" for key in ("action", "reason", "override") if key in outcome.record]
        self.tell("log", " ".join(words))


class Demo:
    def __init__(self, world):
        self.world = world
        self.blocks = []

    def block(self, title, story):
        self.blocks.append(Block(len(self.blocks) + 1, title, story))
        return self.blocks[-1]

    def receive(self, block, message, sender, client):
        """Sends the message, prints what became of it, and gives the outcome and the message as it arrived."""
        outcome = self.world.send("mx", message, sender, client, helo=f"mail.{sender.partition('@')[2]}")
        held = self.world.postfix.held_message(outcome.reply.queue_id) if outcome.is_held else None
        block.show(outcome, held or outcome.message)
        return outcome, held or outcome.message

    # ---- mail from outside -----------------------------------------------------------------------------------------

    def signed(self):
        block = self.block(
            "A signed message",
            "orchard.example asks everybody to refuse mail in its name that is not authenticated (p=reject). Anna's "
            "server there has signed this message with DKIM, so it is.",
        )
        message = mail.sign(compose("Anna <anna@orchard.example>", DORA), "orchard.example", self.world.rsa)
        _, arrived = self.receive(block, message, "anna@orchard.example", ORCHARD)
        block.expect(block.where == "delivered", "it is delivered")
        block.expect(arrived.verdicts("dkim") == ["pass"], "the signature is good: dkim=pass")
        block.expect(arrived.verdicts("dmarc") == ["pass"], "and it is the author's domain's: dmarc=pass")

    def by_spf(self):
        block = self.block(
            "A message that only SPF speaks for",
            f"harbour.example signs nothing, but lists {HARBOUR} as its mail server (SPF), and that is where this comes from.",
        )
        _, arrived = self.receive(block, compose("Ben <ben@harbour.example>", DORA), "ben@harbour.example", HARBOUR)
        block.expect(block.where == "delivered", "it is delivered")
        block.expect(arrived.verdicts("spf")[:1] == ["pass"], "the client is a listed one: spf=pass")
        block.expect(arrived.verdicts("dmarc") == ["pass"], "SPF alone is enough: dmarc=pass")

    def forged_reject(self):
        block = self.block(
            "A forged message, p=reject",
            "A stranger writes in Anna's name, from an address that is not orchard.example's, without a signature.",
        )
        message = compose("Anna <anna@orchard.example>", DORA)
        reply = self.receive(block, message, "anna@orchard.example", STRANGER)[0].reply
        block.expect(reply.code == 550 and "5.7.26" in reply.text, "it is refused with 550 5.7.26")
        block.expect("DMARC" in reply.text and "orchard.example" in reply.text, "the reply says why, and whose policy it is")

    def forged_quarantine(self):
        block = self.block(
            "A forged message, p=quarantine",
            "The same in Ben's name. harbour.example asks to set such mail aside; this server holds it for somebody to "
            'look at (quarantine = "hold"; by default it would be delivered with a tag to file on).',
        )
        message = compose("Ben <ben@harbour.example>", DORA)
        outcome, arrived = self.receive(block, message, "ben@harbour.example", STRANGER)
        held = [entry["queue_id"] for entry in self.world.postfix.held()]
        block.expect(outcome.reply.queue_id in held, "postqueue(1) shows it in the hold queue")
        block.expect(arrived.verdicts("dmarc") == ["fail"], "the held message says why: dmarc=fail")

    def mailing_list(self):
        block = self.block(
            "A mailing list's copy",
            "Anna wrote to a list, which put [talk] before the Subject: that breaks her signature. The list signed the copy "
            "with its own name. To refuse it because of p=reject would be wrong (RFC 9989 §7.4), so it is quarantined.",
        )
        fields = [("List-Id", "Talk <talk.list.example>"), ("List-Unsubscribe", "<mailto:leave@list.example>")]
        original = compose("Anna <anna@orchard.example>", "talk@list.example", fields=fields)
        copy = mail.sign(original, "orchard.example", self.world.rsa).replace(b"Subject: ", b"Subject: [talk] ")
        copy = mail.sign(copy, "list.example", self.world.ed25519)
        outcome, arrived = self.receive(block, copy, "bounces@list.example", LIST)
        block.expect(block.where == "held", "it is held, not refused")
        block.expect(outcome.record.get("override") == "mailing_list", "the log says why: override=mailing_list")
        verdicts = sorted(arrived.verdicts("dkim"))
        block.expect(verdicts == ["fail", "pass"], "the list's signature is good, the author's is broken")

    def forged_results(self):
        block = self.block(
            "A message that brings its own results",
            "Who writes such a field into a message hopes that a mail program believes it. Signet removes every field that "
            "claims to be from this server, and adds its own.",
        )
        lie = [("Authentication-Results", "mx.receiver.example; dmarc=pass header.from=list.example")]
        message = compose("Carl <carl@list.example>", DORA, fields=lie)
        _, arrived = self.receive(block, message, "carl@list.example", STRANGER)
        block.expect(block.where == "delivered", "it is delivered (list.example has no policy)")
        fields = arrived.fields("Authentication-Results")
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
            block.tell("", "DKIM-Signature: " + value.partition(" h=")[0] + " …")
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
        verdict = f"{failed} of {checked} expectations NOT met" if failed else f"all {checked} expectations met"
        print(f"\n{len(self.blocks)} messages: {verdict}")
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
