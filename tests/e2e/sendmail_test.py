#!/usr/bin/python3
"""The daemon behind a real Sendmail, set up as docs/sendmail.md says: its lines are taken from that page."""

import re

from harness import mail
from harness.mail import compose, sign
from harness.sendmail import PrivateSendmail, require_sendmail
from harness.sink import SmtpSink
from harness.site import RECEIVER, Site
from harness.smtp import SmtpClient
from harness.suite import Suite, expect, expect_equal
from harness.system import ROOT, free_port, wait_until
from peers import libopendkim

GUIDE = ROOT / "docs/sendmail.md"
# Sendmail knows no XCLIENT, but on loopback a client may have any address of 127/8.
SENDER, STRANGER, OURS = "127.0.0.2", "127.0.0.66", "127.0.0.3"
NAMES = {SENDER: "mx.sender.example", STRANGER: "stranger.example", OURS: "client.receiver.example"}
BOTH = [(RECEIVER, "rsa-sha256", True), (RECEIVER, "ed25519-sha256", True)]
MTA, HOLD, DOWN = "MTA", "HOLD", "DOWN"  # listeners: ordinary, with quarantine = "hold", with a filter that is not there

suite = Suite()


def blocks_of_guide(kind):
    return re.findall(rf"^```{kind}\n(.*?)^```$", GUIDE.read_text(), re.MULTILINE | re.DOTALL)


class SendmailWorld(Site):
    def __init__(self):
        require_sendmail()
        super().__init__()
        self.ports = {name: free_port() for name in (MTA, HOLD, DOWN, "OURS", "BACK")}
        self.sink = SmtpSink()
        records = {f"{key.selector}._domainkey.{RECEIVER}": key.record() for key in self.keys}
        self.opendkim = libopendkim.OpenDkim(libopendkim.load(), RECEIVER, records)
        lines = self.lines_of_guide() + [
            self.filter_line("hold", self.signetd["hold"].socket),
            self.filter_line("down", f"inet:{free_port()}@127.0.0.1"),
            "define(`confINPUT_MAIL_FILTERS', `signet')dnl",
        ]
        lines += [
            f"DAEMON_OPTIONS(`Name={name}, Addr=127.0.0.1, Port={self.ports[name]}, InputMailFilters={used}')dnl"
            for name, used in ((MTA, "signet"), (HOLD, "hold"), (DOWN, "down"))
        ]
        self.sendmail = PrivateSendmail(self.folder, self.sink, lines, NAMES)
        self.number = 0

    def configurations(self):
        """By loopback all would be ours; so only the first of its addresses is."""
        rule = self.sign_rule(RECEIVER)
        sign_options = {"networks": ["127.0.0.1"], "daemons": ["OURS"], "rule": [rule]}
        simple = {"header-canonicalization": "simple", "body-canonicalization": "simple"}
        return {"signet": {"sign": sign_options}, "hold": {"quarantine": "hold", "sign": {**simple, **sign_options}}}

    def fill_zone(self):
        super().fill_zone()
        for name in ("strict.example", "wary.example", "lax.example"):
            records = self.zone.find(name, "TXT")
            records[0] = f"v=spf1 ip4:{SENDER} -all"
        self.zone.add_sender(RECEIVER, dmarc="v=DMARC1; p=reject", keys=self.keys)

    def lines_of_guide(self):
        """All of them, with our socket and ports in the place of those on the page."""
        lines = "".join(blocks_of_guide("m4"))
        expect_equal(lines.count("INPUT_MAIL_FILTER("), 1, "filters on the page")
        lines = lines.replace("inet:8891@127.0.0.1", self.signetd["signet"].socket)
        for name in ("OURS", "BACK"):
            lines, count = re.subn(rf"(Name={name}, .*Port=)\d+", rf"\g<1>{self.ports[name]}", lines)
            expect_equal(count, 1, f"listeners {name} on the page")
        return lines.splitlines()

    @staticmethod
    def filter_line(name, address):
        """A filter as on the page, of another name and address."""
        line = next(line for line in "".join(blocks_of_guide("m4")).splitlines() if line.startswith("INPUT_MAIL_FILTER"))
        return line.replace("`signet'", f"`{name}'").replace("inet:8891@127.0.0.1", address)

    def start(self):
        super().start()
        self.sendmail.add_login("ann", "secret")
        self.sendmail.start(self.ports.values())

    def stop(self):
        self.sendmail.stop()
        self.sink.stop()
        super().stop()

    def new_recipient(self):
        self.number += 1
        return f"r{self.number}@outside.example"

    def send(self, listener, message, sender, client=SENDER, prepare=None):
        """One message, after what `prepare` does with the session; Sendmail's reply, what was delivered (None: nothing) and signetd's record (None: it has none)."""
        daemon = self.signetd["hold" if listener == HOLD else "signet"]
        before = len(daemon.records())
        recipient = self.new_recipient()
        with SmtpClient(self.ports[listener], source=client) as session:
            session.open(None, "mx.sender.example")
            if prepare:
                prepare(session)
            session.envelope(sender, [recipient])
            reply = session.data(message)
        boxes = self.sink.mailbox(recipient)
        if listener in (MTA, HOLD, "OURS"):
            wait_until(lambda: len(daemon.records()) > before, "signetd's log line")
        records = daemon.records()[before:]
        return reply, boxes[-1] if boxes else None, records[-1] if records else None


def queue_id(reply):
    """Of "2.0.0 6AOJRgkX020485 Message accepted for delivery"; a message that is held has it, too."""
    found = re.search(r"2\.0\.0 (\w+) Message", reply.text)
    return found and found[1]


# ---- inbound -------------------------------------------------------------------------------------------------------


@suite.case("good mail is delivered with Authentication-Results at the top, by Sendmail's own name")
def good(world):
    reply, arrived, record = world.send(MTA, sign(compose("ann@strict.example"), "strict.example", world.rsa), "ann@strict.example")
    expect_equal(reply.code, 250, reply)
    expect_equal(arrived.names[0], "authentication-results", f"the top of {arrived.names}")
    expect(arrived.results.startswith("mx.receiver.example; "), arrived.results)
    found = {method: arrived.verdicts(method)[0] for method in ("spf", "dkim", "dmarc")}
    expect_equal(found, {"spf": "pass", "dkim": "pass", "dmarc": "pass"}, arrived.results)
    expect_equal(record["qid"], queue_id(reply), "the queue id in signetd's log")
    expect_equal(record["client"], SENDER, "the client's address")


@suite.case("results that claim our name and come from outside are removed, others stay")
def forged_results(world):
    claims = [("Authentication-Results", f"{who}; dkim=pass header.d=bank.example") for who in ("mx.receiver.example", "other.example")]
    _, arrived, _ = world.send(MTA, compose("ann@lax.example", fields=claims), "ann@lax.example")
    found = [value.split(";")[0] for value in arrived.fields("Authentication-Results")]
    expect_equal(found, ["mx.receiver.example", "other.example"], "who says so")


@suite.case("forged mail is refused while the sender is connected, with the text of DMARC")
def refused(world):
    reply, arrived, record = world.send(MTA, compose("ann@strict.example"), "ann@strict.example", STRANGER)
    expect_equal(reply.code, 550, reply)
    expect(reply.text.startswith("5.7.26 DMARC: mail from strict.example is not authenticated"), reply)
    expect(arrived is None, "it was delivered")
    expect_equal(record["reason"], "dmarc-reject", record)


@suite.case("mail to be quarantined is tagged and delivered by default")
def tagged(world):
    reply, arrived, record = world.send(MTA, compose("ann@wary.example"), "ann@wary.example", STRANGER)
    expect_equal((reply.code, record["action"]), (250, "tag"), reply)
    expect(arrived.fields("X-Signet-Quarantine"), arrived.names)


@suite.case("or held in Sendmail's queue, with the reason")
def held(world):
    reply, arrived, record = world.send(HOLD, compose("ann@wary.example"), "ann@wary.example", STRANGER)
    expect_equal((reply.code, record["action"], arrived), (250, "hold", None), reply)
    listed = world.sendmail.run("-bp", "-qQ")
    expect(queue_id(reply) in listed and record["reason"] in listed, listed)


@suite.case("a DNS that fails for a domain which refuses has the mail deferred")
def deferred(world):
    broken = sign(compose("ann@strict.example"), "strict.example", world.rsa).replace(b"s=rsa;", b"s=broken;")
    reply, arrived, record = world.send(MTA, broken, "ann@lax.example", STRANGER)
    expect_equal((reply.code, record["dmarc"], arrived), (451, "temperror", None), f"{reply}; {record}")


@suite.case("while the filter is down mail is deferred (F=T)")
def down(world):
    with SmtpClient(world.ports[DOWN], source=SENDER) as session:
        session.open()
        reply = session.command("MAIL FROM:<ann@lax.example>")
    expect_equal(reply.code, 451, reply)


@suite.case("a listener without filters judges and signs nothing")
def back(world):
    before = len(world.signetd["signet"].records())
    reply, arrived, _ = world.send("BACK", compose(f"dora@{RECEIVER}"), f"dora@{RECEIVER}", "127.0.0.1")
    expect_equal((reply.code, arrived.fields("DKIM-Signature"), arrived.fields("Authentication-Results")), (250, [], []), reply)
    expect_equal(len(world.signetd["signet"].records()), before, "messages that signetd saw")


@suite.case("two messages of one connection are two verdicts")
def two_messages(world):
    recipients = [world.new_recipient(), world.new_recipient()]
    with SmtpClient(world.ports[MTA], source=STRANGER) as session:
        session.open()
        session.envelope("ann@strict.example", recipients[:1])
        expect_equal(session.data(compose("ann@strict.example")).code, 550, "the first")
        session.envelope("ann@lax.example", recipients[1:])
        expect_equal(session.data(compose("ann@lax.example")).code, 250, "the second")
    expect_equal(world.sink.mailbox(recipients[0]), [], "the first")
    expect_equal(world.sink.mailbox(recipients[1])[0].verdicts("dmarc"), ["fail"], "the second")


# ---- outbound ------------------------------------------------------------------------------------------------------

# Every kind of blank between the colon and the value, and folds of all kinds.
ODD_FIELDS = (
    b"Subject:no blank\r\nX-Two:  two blanks\r\nX-Tab:\ta tab\r\nX-Folded: here\r\n and there\r\n\tand by a tab\r\n"
    b"X-Fold-First:\r\n a fold first\r\nX-Trailing: blanks at the end  \r\n"
)


def odd_message(author):
    fields = "subject x-two x-tab x-folded x-fold-first x-trailing from to date message-id".encode().split()
    return ODD_FIELDS + compose(author).replace(b"Subject: Hello\r\n", b""), fields


def expect_signed(world, reply, arrived, record, role):
    expect_equal((reply.code, record["sign"], record["role"]), (250, "signed", role), f"{reply}; {record}")
    expect_equal(sorted(mail.verify(arrived.octets, world.zone)), sorted(BOTH), "signatures according to python3-dkim")
    octets = mail.with_crlf(arrived.octets)
    for _ in BOTH:
        expect(octets.startswith(b"DKIM-Signature:"), f"the signatures are on top of {octets}")
        expect_equal(world.opendkim.verify(octets), "pass", f"the first signature according to OpenDKIM of {octets}")
        octets = octets[re.search(rb"\r\n(?=\S)", octets).end() :]
    expect_equal(arrived.fields("Authentication-Results"), [], "results of our own mail")


@suite.table(
    [
        ("mail from sign.networks is signed", MTA, "127.0.0.1", "sign(sign-network)"),
        ("and so with simple canonicalization, whatever the blanks and folds", HOLD, "127.0.0.1", "sign(sign-network)"),
        ("mail through a port that sign.daemons names is signed, from wherever", "OURS", OURS, "sign(sign-daemon)"),
    ]
)
def own_mail(world, listener, client, role):
    message, _ = odd_message(f"dora@{RECEIVER}")
    expect_signed(world, *world.send(listener, message, f"dora@{RECEIVER}", client), role)


@suite.case("a client that logged in is signed for, from wherever")
def authenticated(world):
    message, _ = odd_message(f"dora@{RECEIVER}")
    sent = world.send(MTA, message, f"dora@{RECEIVER}", OURS, lambda session: session.login_by_challenge("ann", "secret"))
    expect_signed(world, *sent, "sign(authenticated)")


@suite.case("the same as a stranger's mail is refused")
def not_own(world):
    reply, _, record = world.send(MTA, compose(f"dora@{RECEIVER}"), f"dora@{RECEIVER}", OURS)
    expect_equal((reply.code, record["role"]), (550, "judge(outside)"), f"{reply}; {record}")


@suite.case("fields come through with folds and blanks as they were, so a simple signature of others holds (SMFIP_HDR_LEADSPC)")
def leading_space(world):
    message, fields = odd_message("ann@strict.example")
    message = sign(message, "strict.example", world.rsa, fields, canonicalize=(b"simple", b"simple"))
    reply, arrived, record = world.send(MTA, message, "ann@lax.example", STRANGER)
    expect_equal((reply.code, arrived and arrived.verdicts("dkim")), (250, ["pass"]), f"{reply}; {record}")


@suite.case("what we write into a header is folded by LF alone for Sendmail, and arrives as lines of at most 998 octets")
def folded(world):
    _, arrived, _ = world.send(MTA, sign(compose("ann@strict.example"), "strict.example", world.rsa), "ann@strict.example")
    head = arrived.octets.partition(b"\n\n")[0]
    expect(b"\r" not in head, "a CR within the header")
    results = re.search(rb"^Authentication-Results:.*?(?=^\S)", head, re.MULTILINE | re.DOTALL)[0]
    expect(results.count(b"\n") > 1 and max(map(len, results.split(b"\n"))) <= 998, results)
    expect(all(line[:1] in (b" ", b"\t") for line in results.strip().split(b"\n")[1:]), results)


if __name__ == "__main__":
    suite.main(SendmailWorld)
