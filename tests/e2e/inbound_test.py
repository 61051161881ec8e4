#!/usr/bin/python3
"""Mail of every shape from outside: what is made of it must not depend on its size, coding, folds or company."""

import threading

from harness import opendkim
from harness.mail import compose, sign
from harness.site import RECEIVER, STRANGERS_ADDRESS
from harness.suite import Suite, expect, expect_equal
from harness.world import World

OURS = "mx.receiver.example"  # the authserv-id: by default the mail server's name
MEGABYTE = 1_000_000

suite = Suite()


class InboundWorld(World):
    def configurations(self):
        return {
            "default": {},
            "received-spf": {"spf": {"received-spf": True}},
            "psl": {"dmarc": {"discovery": "psl"}},
        }


def strict(world, **parts):
    """A message that passes by its signature alone."""
    return sign(compose("Ann <ann@strict.example>", **parts), "strict.example", world.rsa)


def send_strange(world, message, sender="ann@stranger.example", **how):
    return world.send("default", message, sender, how.pop("client", STRANGERS_ADDRESS), **how)


def expect_verdicts(outcome, **wanted):
    """That the message arrived, and the results of each method, in order."""
    expect_equal(outcome.reply.code, 250, f"reply code of {outcome}")
    for method, results in wanted.items():
        expect_equal(outcome.message.verdicts(method), results.split(), f"{method} of {outcome}")


# ---- clients -------------------------------------------------------------------------------------------------------


@suite.table(
    [
        ("a listed IPv4 client passes SPF", "192.0.2.1", "pass"),
        ("an unlisted IPv4 client fails SPF", "192.0.2.2", "fail"),
        ("a listed IPv6 client passes SPF", "2001:db8:5::25", "pass"),
        ("an unlisted IPv6 client fails SPF", "2001:db8:6::25", "fail"),
    ]
)
def client_addresses(world, client, spf):
    outcome = world.send("default", strict(world), "ann@strict.example", client, helo="[192.0.2.9]")
    expect_verdicts(outcome, spf=f"{spf} none", dkim="pass", dmarc="pass")
    expect_equal(outcome.record["client"], client, "client in the log")


@suite.case("the null reverse-path is judged by HELO alone, and aligned with it")
def null_sender(world):
    outcome = world.send("default", compose("postmaster@mx.sender.example"), "")
    expect_verdicts(outcome, spf="pass", dkim="none")
    results = outcome.message.results
    expect("smtp.helo=mx.sender.example" in results and "smtp.mailfrom" not in results, outcome)


@suite.case("a quoted local part with @ does not hide the domain")
def quoted_sender(world):
    outcome = world.send("default", compose("ann@strict.example"), '"a@other.example"@strict.example')
    expect_verdicts(outcome, spf="pass pass", dmarc="pass")


@suite.case("a HELO made to look like results gets no word into ours")
def hostile_helo(world):
    outcome = send_strange(world, compose("ann@lax.example"), helo="x;dmarc=pass;spf=pass(")
    expect_verdicts(outcome, dmarc="fail")
    expect_equal(outcome.message.verdicts("spf"), ["none", "none"], f"spf of {outcome}")


# ---- sessions ------------------------------------------------------------------------------------------------------


def deliver(world, session, message, sender):
    """One message within a session."""
    recipient, before = world.new_recipient(), world.count_records("default")
    session.envelope(sender, [recipient])
    return world.follow("default", session.data(message), recipient, before)


@suite.case("two messages in one session are two matters")
def two_messages(world):
    with world.connect("default", STRANGERS_ADDRESS) as session:
        first = deliver(world, session, compose("ann@strict.example"), "ann@strict.example")
        second = deliver(world, session, strict(world), "bob@stranger.example")
        third = deliver(world, session, compose("ann@lax.example"), "bob@stranger.example")
    expect_equal(first.reply.code, 550, f"reply code of {first}")
    expect_verdicts(second, dkim="pass", dmarc="pass")
    expect_verdicts(third, dkim="none", dmarc="fail")


@suite.case("RSET forgets the message begun, not the session")
def reset(world):
    with world.connect("default") as session:
        session.envelope("ann@strict.example", [world.new_recipient()])
        session.must(session.command("RSET"))
        outcome = deliver(world, session, compose("ann@lax.example"), "ann@lax.example")
        session.must(session.command("RSET"))
        again = deliver(world, session, compose("ann@strict.example"), "ann@lax.example")
    expect_verdicts(outcome, spf="pass pass", dmarc="pass")
    expect_equal(outcome.record["sender"], "ann@lax.example", "sender in the log")
    expect_equal(again.reply.code, 550, f"reply code of {again}")


@suite.case("a client that hangs up in the middle of a message leaves nothing behind")
def hang_up(world):
    before = world.count_records("default")
    with world.connect("default") as session:
        session.envelope("ann@strict.example", [world.new_recipient()])
        session.begin_data()
        session.send(compose("ann@strict.example"))
    expect_verdicts(send_strange(world, strict(world)), dmarc="pass")
    expect_equal(world.count_records("default"), before + 1, "log lines")


@suite.case("forty sessions at once do not mix")
def many_sessions(world):
    failures = []

    def run(number):
        passes = number % 2 == 0
        recipient = f"crowd{number}@{RECEIVER}"
        message = strict(world, subject=f"number {number}") if passes else compose("ann@lax.example")
        try:
            with world.connect("default", STRANGERS_ADDRESS) as session:
                session.envelope("bob@stranger.example", [recipient])
                session.must(session.data(message))
            arrived = world.postfix.wait_for_mail(recipient, timeout=60)
            expect_equal(arrived.verdicts("dmarc"), ["pass" if passes else "fail"], f"dmarc of number {number}")
        except (AssertionError, OSError) as error:
            failures.append(str(error))

    threads = [threading.Thread(target=run, args=(number,)) for number in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    expect_equal(failures, [], "failures")


# ---- messages ------------------------------------------------------------------------------------------------------


@suite.case("a message of 20 MB is verified whole, and noticed when one octet is changed")
def large(world):
    body = b"".join(b"line %07d %s\r\n" % (number, b"x" * 60) for number in range(20 * MEGABYTE // 75))
    message = strict(world, body=body)
    expect(len(message) > 19 * MEGABYTE, len(message))
    outcome = send_strange(world, message)
    expect_verdicts(outcome, dkim="pass", dmarc="pass")
    expect_equal(outcome.message.body, body.replace(b"\r\n", b"\n"), "the body")
    forged = send_strange(world, message[:-3] + b"y" + message[-2:])
    expect_equal((forged.reply.code, forged.record["reason"]), (550, "dmarc-reject"), f"reply of {forged}")


@suite.case("an 8-bit body in two codings is verified")
def eight_bit(world):
    message = strict(world, body="Grüße\r\n".encode("utf-8") + b"Gr\xfc\xdfe \xff\r\n")
    expect_verdicts(send_strange(world, message, parameters="BODY=8BITMIME"), dkim="pass", dmarc="pass")


@suite.case("raw 8-bit octets in Subject and in a display name are verified")
def eight_bit_header(world):
    message = compose("placeholder", subject="placeholder2")
    message = message.replace(b"placeholder2", b"Gr\xfc\xdfe").replace(b"placeholder", b"J\xfcrgen <ann@strict.example>")
    message = sign(message, "strict.example", world.rsa)
    expect_verdicts(send_strange(world, message), dkim="pass", dmarc="pass")


@suite.case("SMTPUTF8: From and sender in UTF-8 are the A-label's domain")
def internationalized(world):
    message = sign(compose("Jürgen <jürgen@grün.example>", subject="Grüße"), "xn--grn-ioa.example", world.rsa)
    outcome = send_strange(world, message, sender="jürgen@grün.example", parameters="SMTPUTF8 BODY=8BITMIME")
    expect_verdicts(outcome, spf="fail fail", dkim="pass", dmarc="pass")
    expect_equal(outcome.record["from"], "xn--grn-ioa.example", "From domain in the log")
    by_spf = world.send("default", compose("j@grün.example"), "jürgen@grün.example", parameters="SMTPUTF8")
    expect_verdicts(by_spf, spf="pass pass", dkim="none", dmarc="pass")


@suite.case("a message with more than 200 header fields, 200 of them signed, is verified; all arrive in order")
def many_fields(world):
    fields = [(f"X-Field-{number:03d}", f"value {number} " + "x" * 40) for number in range(200)]
    names = [b"from"] + [name.encode() for name, _ in fields[1:]]  # h= may have 200 names
    message = sign(compose("ann@strict.example", fields=fields), "strict.example", world.rsa, names)
    outcome = send_strange(world, message)
    expect_verdicts(outcome, dkim="pass", dmarc="pass")
    found = [name for name in outcome.message.names if name.startswith("x-field-")]
    expect_equal(found, [name.lower() for name, _ in fields], "field names")


FOLDED = {
    "before the address": '"Ann\r\n of Strict"\r\n\t<ann@strict.example>',
    "in a comment": "ann@strict.example (Ann\r\n (nested\r\n\tcomment) with <bob@plain.example>)",
    "in an encoded name": "=?utf-8?q?J=C3=BCrgen?=\r\n =?utf-8?q?_bob=40plain=2Eexample?=\r\n <ann@strict.example>",
    "between several authors": "ann@strict.example,\r\n bob@strict.example,\r\n\tcarol@strict.example",
}


@suite.table([(f"a From field folded {where} names its domain", author) for where, author in FOLDED.items()])
def folded_from(world, author):
    message = sign(compose(author), "strict.example", world.rsa)
    outcome = send_strange(world, message)
    expect_verdicts(outcome, dkim="pass", dmarc="pass")
    expect_equal(outcome.record["from"], "strict.example", "From domain in the log")


@suite.table(
    [
        ("no body at all is verified", b""),
        ("a body of empty lines is verified", b"\r\n\r\n\r\n"),
        ("lines of dots and trailing spaces are verified", b".\r\n..\r\n. x \t \r\n\r\n.end\r\n"),
        ("a line of 2,000 octets is verified", b"x" * 2000 + b"\r\n"),
    ]
)
def bodies(world, body):
    expect_verdicts(send_strange(world, strict(world, body=body)), dkim="pass", dmarc="pass")
    simple = compose("ann@strict.example", body=body)
    simple = sign(simple, "strict.example", world.rsa, canonicalize=(b"simple", b"simple"))
    expect_verdicts(send_strange(world, simple), dkim="pass", dmarc="pass")


@suite.case("both key types at once, by python3-dkim and by OpenDKIM, are verified")
def independent_signers(world):
    message = compose("ann@strict.example")
    for key in world.keys:
        message = sign(message, "strict.example", key)
        message = opendkim.sign(message, "strict.example", key)
    expect_verdicts(send_strange(world, message), dkim="pass pass pass pass", dmarc="pass")


@suite.case("a changed Subject is a failed signature")
def changed(world):
    message = strict(world).replace(b"Subject: Hello", b"Subject: Hallo")
    outcome = send_strange(world, message)
    expect_equal((outcome.reply.code, outcome.record["dmarc"]), (550, "fail"), str(outcome))


# ---- Authentication-Results that others wrote -----------------------------------------------------------------------

FORGERIES = [
    f"{OURS}; dmarc=pass header.from=strict.example",
    f" (really) {OURS.upper()}.; spf=pass",
    f'"{OURS}" 1; dkim=pass',
]
OTHERS = "mx.elsewhere.example; dmarc=pass header.from=strict.example"


def without_forgeries(outcome):
    expect_verdicts(outcome, dmarc="fail")
    fields = outcome.message.fields("Authentication-Results")
    expect_equal(fields[1:], [OTHERS], "fields below ours")
    expect(fields[0].startswith(f"{OURS};"), outcome)
    expect_equal(outcome.message.names[0:4].index("authentication-results"), 3, f"our field's place in {outcome.message.names}")


@suite.case("a forged Authentication-Results field is removed, another host's stays")
def one_forgery(world):
    fields = [("Authentication-Results", FORGERIES[0]), ("Authentication-Results", OTHERS)]
    without_forgeries(send_strange(world, compose("ann@lax.example", fields=fields)))


@suite.case("three forged Authentication-Results fields are removed around another host's")
def three_forgeries(world):
    values = [FORGERIES[0], FORGERIES[1], OTHERS, FORGERIES[2]]
    fields = [("Authentication-Results", value) for value in values]
    without_forgeries(send_strange(world, compose("ann@lax.example", fields=fields)))


# ---- options of the checks -----------------------------------------------------------------------------------------


@suite.case("Received-SPF is written where it is asked for, and only there")
def received_spf(world):
    outcome = world.send("received-spf", strict(world), "ann@strict.example")
    expect_verdicts(outcome, spf="pass pass", dmarc="pass")
    (field,) = outcome.message.fields("Received-SPF")
    expect(field.split()[0] == "pass" and "client-ip=192.0.2.1;" in field and "identity=mailfrom;" in field, field)
    expect_equal(world.send("default", strict(world), "ann@strict.example").message.fields("Received-SPF"), [], "by default")


@suite.case("pct=0 makes a quarantine of a refusal by RFC 7489, and nothing by RFC 9989, which does not know it")
def sampled_out(world):
    forged = compose("ann@sampled.example")
    expect_equal(send_strange(world, forged).reply.code, 550, "the reply by RFC 9989")
    outcome = world.send("psl", forged, "ann@stranger.example", STRANGERS_ADDRESS)
    expect_verdicts(outcome, dmarc="fail")
    expect_equal(len(outcome.message.fields("X-Signet-Quarantine")), 1, f"marks by RFC 7489 of {outcome}")


# ---- headers beyond max-header-octets (64 KiB) ----------------------------------------------------------------------

FLOOD = [(f"X-Flood-{number}", "x" * 900) for number in range(90)]


@suite.case("a flood of fields does not push the author out of sight")
def flood_and_author(world):
    outcome = send_strange(world, compose("ann@strict.example", fields=FLOOD))
    expect_equal((outcome.reply.code, outcome.record["reason"]), (550, "dmarc-reject"), str(outcome))


@suite.case("a flood of fields does not hide forged results, nor a second From")
def flood_and_forgery(world):
    fields = FLOOD + [("Authentication-Results", FORGERIES[0]), ("Authentication-Results", OTHERS)]
    without_forgeries(send_strange(world, compose("ann@lax.example", fields=fields)))
    outcome = send_strange(world, compose("ann@lax.example", fields=[("From", "bob@lax.example"), *FLOOD]))
    expect_equal((outcome.reply.code, outcome.record["reason"]), (550, "from-several-fields"), str(outcome))


if __name__ == "__main__":
    suite.main(InboundWorld)
