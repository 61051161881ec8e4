#!/usr/bin/python3
"""Our own mail, by every way it can be ours: signed with both keys, as python3-dkim and OpenDKIM see it, and not judged."""

from harness import guide, mail, opendkim
from harness.mail import compose
from harness.sasl import SaslServer
from harness.site import RECEIVER, STRANGERS_ADDRESS, fill_with_senders
from harness.suite import Suite, expect, expect_equal
from harness.world import World

OUTSIDE = "outside.example"  # where our mail goes
BOTH = [(RECEIVER, "rsa-sha256", True), (RECEIVER, "ed25519-sha256", True)]

suite = Suite()


class OutboundWorld(World):
    def configurations(self):
        rules = [
            self.sign_rule(RECEIVER),
            {**self.sign_rule(f"*.{RECEIVER}"), "domain": RECEIVER},
            {**self.sign_rule("boss@small.example"), "domain": "small.example"},
        ]
        simple = {"header-canonicalization": "simple", "body-canonicalization": "simple"}
        return {
            "ours": {"sign": {"daemons": ["ORIGINATING"], "rule": rules}},
            "strict": {"sign": {**simple, "identity": "mail", "lifetime": "7d", "rule": rules}},
            "monitor": {"mode": "monitor", "sign": {"rule": rules}},
        }

    def listeners(self):
        """With the milters of main.cf, as in the guide."""
        originating, handed_back = guide.listeners()
        return {"submission": SaslServer().parameters, "originating": originating, "reinjection": handed_back}

    def postfix_settings(self):
        return guide.main_settings(self.signetd["ours"].for_postfix)

    def fill_zone(self):
        fill_with_senders(self.zone, self.keys)
        for domain in (RECEIVER, "small.example"):
            self.zone.add_sender(domain, dmarc="v=DMARC1; p=reject", keys=self.keys)

    def new_outsider(self):
        return self.new_recipient().replace(RECEIVER, OUTSIDE)


def submit(world, listener, message, sender=f"ann@{RECEIVER}", client=None, recipients=None, prepare=None):
    """Sends through a listener; gives what arrived at the first recipient, and the daemon's record."""
    daemon = world.signetd.get(listener, world.signetd["ours"])
    before = len(daemon.records())
    recipients = recipients or [world.new_outsider()]
    with world.connect(listener, client, helo="client.example") as session:
        if prepare:
            prepare(session)
        session.envelope(sender, recipients)
        session.must(session.data(message))
    arrived = world.postfix.wait_for_mail(recipients[0])
    records = daemon.records()[before:]
    return arrived, records[-1] if records else None


def outgoing(**parts):
    return compose(f"Ann <ann@{RECEIVER}>", f"someone@{OUTSIDE}", **parts)


def expect_signed(world, arrived, record, wanted=None):
    """That two independent verifiers accept both signatures, and that the log says so."""
    for verifier in (mail, opendkim):
        found = verifier.verify(arrived.octets, world.zone)
        expect_equal(sorted(found), sorted(wanted or BOTH), f"signatures according to {verifier.__name__}")
    expect_equal((record["sign"], record["action"]), ("signed", "accept"), f"log {record}")
    expect_equal(arrived.fields("Authentication-Results"), [], "results of our own mail")


# ---- the ways in ---------------------------------------------------------------------------------------------------


@suite.case("a client in sign.networks (loopback by default) is signed for")
def by_network(world):
    arrived, record = submit(world, "ours", outgoing())
    expect_signed(world, arrived, record)
    expect_equal(record["role"], "sign(sign-network)", "role")


@suite.case("an authenticated client from anywhere is signed for")
def by_authentication(world):
    def login(session):
        session.login("ann", "secret")

    arrived, record = submit(world, "submission", outgoing(), client=STRANGERS_ADDRESS, prepare=login)
    expect_signed(world, arrived, record)
    expect_equal(record["role"], "sign(authenticated)", "role")


@suite.case("the same client without logging in is judged, and refused")
def without_authentication(world):
    before = world.count_records("ours")
    recipient = world.new_recipient()
    with world.connect("submission", STRANGERS_ADDRESS) as session:
        session.envelope(f"ann@{RECEIVER}", [recipient])
        outcome = world.follow("ours", session.data(outgoing()), recipient, before)
    expect_equal((outcome.reply.code, outcome.record["reason"]), (550, "dmarc-reject"), str(outcome))


@suite.case("mail through a named daemon is signed for")
def by_daemon_name(world):
    arrived, record = submit(world, "originating", outgoing(), client=STRANGERS_ADDRESS, recipients=[world.new_recipient()])
    expect_signed(world, arrived, record)
    expect_equal(record["role"], "sign(sign-daemon)", "role")


@suite.case("mail by sendmail(1) is signed for")
def by_sendmail(world):
    recipient = world.new_outsider()
    before = world.count_records("ours")
    world.postfix.sendmail(outgoing(), f"ann@{RECEIVER}", [recipient])
    arrived = world.postfix.wait_for_mail(recipient)
    record = world.signetd["ours"].records()[before]
    expect_signed(world, arrived, record)
    expect_equal(record["role"], "sign(local-submission)", "role")


@suite.case("a bounce made by Postfix is signed for, by the rule for subdomains")
def bounce(world):
    sender = f"bounced@{RECEIVER}"
    world.postfix.sendmail(outgoing(), sender, ["missing@nowhere.example"])
    arrived = world.postfix.wait_for_mail(sender)
    expect("MAILER-DAEMON@mx.receiver.example" in arrived.fields("From")[0], arrived.fields("From"))
    record = world.signetd["ours"].wait_for_record(sender="<>")
    expect_signed(world, arrived, record)


@suite.case("a listener without milters signs nothing, so re-injected mail keeps its two signatures")
def reinjection(world):
    first, _ = submit(world, "ours", outgoing())
    before = world.count_records("ours")
    again, _ = submit(world, "reinjection", first.octets.replace(b"\n", b"\r\n"))
    expect_equal(mail.verify(again.octets, world.zone), mail.verify(first.octets, world.zone), "signatures")
    expect_equal(world.count_records("ours"), before, "log lines")


# ---- messages ------------------------------------------------------------------------------------------------------


@suite.table(
    [
        ("an empty body is signed", b""),
        ("an 8-bit body is signed", "Grüße\r\n".encode() + b"\xff\xfe\r\n"),
        ("dots, trailing spaces and empty lines at the end are signed", b".\r\n.. \t\r\na  b \r\n\r\n\r\n"),
        ("a body of 5 MB is signed", b"0123456789 abcdefghi\t.\r\n" * 220_000),
    ]
)
def bodies(world, body):
    for listener in ("ours", "strict"):
        arrived, record = submit(world, listener, outgoing(body=body))
        expect_equal(arrived.body, body.replace(b"\r\n", b"\n"), "the body")
        expect_signed(world, arrived, record)


@suite.case("folded, repeated and 8-bit fields are signed, relaxed and simple")
def fields(world):
    extra = [
        ("Comments", "one"),
        ("Comments", "two"),
        ("List-Unsubscribe", "<mailto:leave@receiver.example>,\r\n\t <https://receiver.example/>"),
        ("References", "<1@x>\r\n <2@x>\r\n\t<3@x>"),
    ]
    for listener in ("ours", "strict"):
        arrived, record = submit(world, listener, outgoing(fields=extra, subject="a   b\r\n\t c  =?utf-8?q?d?="))
        expect_signed(world, arrived, record)


@suite.case("one message to many recipients is signed once")
def many_recipients(world):
    recipients = [world.new_outsider() for _ in range(20)]
    first, record = submit(world, "ours", outgoing(), recipients=recipients)
    expect_signed(world, first, record)
    signatures = first.fields("DKIM-Signature")
    for recipient in recipients:
        arrived = world.postfix.wait_for_mail(recipient)
        expect_equal(arrived.fields("DKIM-Signature"), signatures, f"signatures for {recipient}")


@suite.case("two messages in one session are both signed")
def two_messages(world):
    recipients = [world.new_outsider(), world.new_outsider()]
    with world.connect("ours", None) as session:
        for number, recipient in enumerate(recipients):
            session.envelope(f"ann@{RECEIVER}", [recipient])
            session.must(session.data(outgoing(subject=f"message {number}")))
    for recipient in recipients:
        arrived = world.postfix.wait_for_mail(recipient)
        expect_equal(len(mail.verify(arrived.octets, world.zone)), 2, "signatures")
        expect_equal(sorted(mail.verify(arrived.octets, world.zone)), sorted(BOTH), "signatures")


@suite.case("no field can be added: a second From or Subject breaks the signatures")
def oversigning(world):
    arrived, _ = submit(world, "ours", outgoing())
    for field in (b"From: Eve <eve@receiver.example>\n", b"Subject: Win\n", b"Reply-To: eve@plain.example\n"):
        found = mail.verify(field + arrived.octets, world.zone)
        expect_equal([good for _, _, good in found], [False, False], f"signatures under an added {field!r}")


@suite.case("fields that change in transit are not covered, From and Message-ID are")
def covered_fields(world):
    arrived, _ = submit(world, "ours", outgoing(fields=[("Comments", "x")]))
    for signature in arrived.fields("DKIM-Signature"):
        covered = signature.replace(" ", "").lower().partition(";h=")[2].partition(";")[0].split(":")
        expect({"from", "subject", "date", "message-id", "content-type"} <= set(covered), covered)
        expect(not {"received", "return-path", "comments", "dkim-signature"} & set(covered), covered)


@suite.case("i= and x= are as configured")
def identity_and_lifetime(world):
    arrived, record = submit(world, "strict", outgoing())
    expect_signed(world, arrived, record)
    for signature in arrived.fields("DKIM-Signature"):
        tags = dict(tag.strip().partition("=")[::2] for tag in signature.split(";"))
        expect_equal(tags["i"], f"mail@{RECEIVER}", f"i= of {signature}")
        expect_equal(int(tags["x"]) - int(tags["t"]), 7 * 24 * 3600, f"x= less t= of {signature}")
        expect_equal(tags["c"], "simple/simple", f"c= of {signature}")


# ---- rules, and mail that is not signed -----------------------------------------------------------------------------


@suite.case("a rule for one address signs for that address alone")
def rule_for_address(world):
    arrived, record = submit(world, "ours", compose("Boss <boss@small.example>"))
    expect_signed(world, arrived, record, [("small.example", algorithm, good) for _, algorithm, good in BOTH])
    arrived, record = submit(world, "ours", compose("Clerk <clerk@small.example>"))
    expect_equal((arrived.fields("DKIM-Signature"), record["sign"]), ([], "no-rule-for-domain"), f"log {record}")


@suite.table(
    [
        ("a From domain without a rule is not signed: no-rule-for-domain", "bob@plain.example", "no-rule-for-domain"),
        ("no From is not signed: no-from", None, "no-from"),
        ("two authors that cannot be read are not signed: from-unusable", "a@b@c d", "from-unusable"),
    ]
)
def not_signed(world, author, reason):
    recipient = world.new_recipient()
    arrived, record = submit(world, "originating", compose(author), client=STRANGERS_ADDRESS, recipients=[recipient])
    expect_equal((arrived.fields("DKIM-Signature"), record["sign"]), ([], reason), f"log {record}")
    expect_equal(record["action"], "accept", "action")


@suite.case("monitor mode signs nothing and changes nothing")
def monitor(world):
    arrived, record = submit(world, "monitor", outgoing())
    expect_equal((arrived.fields("DKIM-Signature"), record["sign"]), ([], "monitor-mode"), f"log {record}")


@suite.case("what we sign passes DMARC where it arrives")
def round_trip(world):
    sent, _ = submit(world, "ours", outgoing())
    outcome = world.send("ours", sent.octets.replace(b"\n", b"\r\n"), f"ann@{RECEIVER}", STRANGERS_ADDRESS)
    expect_equal(outcome.message.verdicts("dkim"), ["pass", "pass"], f"dkim of {outcome}")
    expect_equal(outcome.message.verdicts("dmarc"), ["pass"], f"dmarc of {outcome}")


if __name__ == "__main__":
    suite.main(OutboundWorld)
