#!/usr/bin/python3
"""Each row of the decision, seen from outside: what the client is told, what arrives, what the log says."""

import json
import subprocess
from dataclasses import replace

from harness.mail import compose, sign
from harness.site import SENDERS_ADDRESS, STRANGERS_ADDRESS
from harness.suite import Suite, expect, expect_equal
from harness.system import program
from harness.world import World

LIST_FIELDS = [("List-Id", "Talk <talk.list.example>"), ("List-Unsubscribe", "<mailto:leave@list.example>")]
TAG_FIELD = "X-Signet-Quarantine"

suite = Suite()


class DecisionWorld(World):
    """A daemon for each way to answer the operator's questions."""

    def configurations(self):
        return {
            "default": {},
            "hold": {"quarantine": "hold"},
            "refuse": {"quarantine": "reject"},
            "always": {"reject": "always"},
            "never": {"reject": "never"},
            "monitor": {"mode": "monitor"},
            "lenient": {"bad-from": "accept", "dmarc": {"on-temperror": "accept", "on-unknown-policy": "defer"}},
            "local": {
                "relays": ["203.0.113.7"],
                "sign": {"networks": ["203.0.113.64/26"]},
                "exempt": {"from-domains": ["exempt.example"]},
                "forwarders": {"networks": ["203.0.113.8"], "domains": ["forwarder.example"]},
                "spf": {"reject": ["fail"]},
                "dmarc": {"reject-text": "100%% sure that %d is forged: see https://%p/help"},
            },
        }


# ---- messages: functions of the world, since they need its keys ----------------------------------------------------


def unsigned(domain):
    return lambda world: compose(f"Ann <ann@{domain}>")


def signed(domain):
    return lambda world: sign(unsigned(domain)(world), domain, world.rsa)


def signed_by_other(domain, signer):
    return lambda world: sign(unsigned(domain)(world), signer, world.rsa)


def unclear(domain):
    """Signed with a selector whose DNS fails: the signature might be good."""
    return lambda world: sign(unsigned(domain)(world), domain, replace(world.rsa, selector="broken"))


def from_list(domain, signer="list.example"):
    """A mailing list's copy; without a signer only the fields say so."""

    def make(world):
        message = compose(f"Ann <ann@{domain}>", subject="[talk] Hello", fields=LIST_FIELDS)
        return sign(message, signer, world.rsa) if signer else message

    return make


def with_from_fields(*values):
    """As many From fields as values; the first one is where From usually is."""
    extra = [("From", value) for value in values[1:]]
    return lambda world: compose(values[0] if values else None, fields=extra)


# ---- the rows ------------------------------------------------------------------------------------------------------

FORWARDER = ("192.0.2.4", "forwarder.example")
LIST = ("192.0.2.3", "list.example")

# sentence, daemon, message, (client, sender's domain) or a domain whose SPF passes or "" for a stranger,
# and what follows: action, dmarc result, reason, override
ROWS = [
    ("an aligned signature passes", "default", signed("strict.example"), "", "accept pass dmarc-pass"),
    ("aligned SPF alone passes", "default", unsigned("strict.example"), "strict.example", "accept pass dmarc-pass"),
    ("a subdomain's SPF is aligned", "default", unsigned("strict.example"), "bounce.strict.example", "accept pass dmarc-pass"),
    ("a domain without a policy is accepted", "default", unsigned("plain.example"), "", "accept none dmarc-none"),
    ("p=none is accepted", "default", unsigned("lax.example"), "", "accept fail dmarc-policy-none"),
    (
        "an unusable policy record is a permerror",
        "default",
        unsigned("broken-policy.example"),
        "",
        "accept permerror dmarc-permerror",
    ),
    ("p=quarantine is tagged by default", "default", unsigned("wary.example"), "", "tag fail dmarc-quarantine"),
    ("quarantine = hold holds", "hold", unsigned("wary.example"), "", "hold fail dmarc-quarantine"),
    ("quarantine = reject refuses", "refuse", unsigned("wary.example"), "", "reject fail dmarc-quarantine"),
    ("p=reject refuses by default", "default", unsigned("strict.example"), "", "reject fail dmarc-reject"),
    (
        "another domain's passing signature does not help",
        "default",
        signed_by_other("strict.example", "plain.example"),
        "",
        "reject fail dmarc-reject",
    ),
    (
        "another domain's passing SPF does not help",
        "default",
        unsigned("strict.example"),
        "plain.example",
        "reject fail dmarc-reject",
    ),
    ("reject = never quarantines", "never", unsigned("strict.example"), "", "tag fail dmarc-quarantine local_policy"),
    ("sp=reject holds for an existing subdomain", "default", unsigned("sub.parent.example"), "", "reject fail dmarc-reject"),
    ("np=quarantine holds for a missing name", "default", unsigned("no.parent.example"), "", "tag fail dmarc-quarantine"),
    (
        "t=y lowers reject to quarantine",
        "default",
        unsigned("testing.example"),
        "",
        "tag fail dmarc-quarantine policy_test_mode",
    ),
    (
        "t=y lowers quarantine to none",
        "default",
        unsigned("wary-testing.example"),
        "",
        "accept fail dmarc-policy-none policy_test_mode",
    ),
    (
        "a mailing list's copy is quarantined instead of refused",
        "default",
        from_list("strict.example"),
        LIST,
        "tag fail dmarc-quarantine mailing_list",
    ),
    (
        "a mailing list's copy is held where quarantine holds",
        "hold",
        from_list("strict.example"),
        LIST,
        "hold fail dmarc-quarantine mailing_list",
    ),
    (
        "List-* fields without a signature change nothing",
        "default",
        from_list("strict.example", None),
        "",
        "reject fail dmarc-reject",
    ),
    (
        "List-* fields with another domain's signature change nothing",
        "default",
        from_list("strict.example", "plain.example"),
        "",
        "reject fail dmarc-reject",
    ),
    ("reject = always refuses a list's copy, too", "always", from_list("strict.example"), LIST, "reject fail dmarc-reject"),
    (
        "a forwarder listed by network is quarantined instead of refused",
        "local",
        unsigned("strict.example"),
        ("203.0.113.8", "strict.example"),
        "tag fail dmarc-quarantine trusted_forwarder",
    ),
    (
        "a forwarder listed by domain is known by its SPF",
        "local",
        unsigned("strict.example"),
        FORWARDER,
        "tag fail dmarc-quarantine trusted_forwarder",
    ),
    (
        "a forwarder's domain without its SPF is nobody",
        "local",
        from_list("strict.example", None),
        ("198.51.100.66", "sub.forwarder.example"),
        "reject fail dmarc-reject",
    ),
    (
        "an exempt From domain is judged and accepted",
        "local",
        unsigned("exempt.example"),
        "",
        "accept fail from-exempt local_policy",
    ),
    (
        "a temperror that might have passed is deferred",
        "default",
        unclear("strict.example"),
        "",
        "defer temperror dmarc-temperror",
    ),
    ("the same for p=quarantine", "default", unclear("wary.example"), "", "defer temperror dmarc-temperror"),
    ("a temperror under p=none is accepted", "default", unclear("lax.example"), "", "accept temperror dmarc-temperror"),
    (
        "a temperror beside an aligned pass is a pass",
        "default",
        unclear("strict.example"),
        "strict.example",
        "accept pass dmarc-pass",
    ),
    ("on-temperror = accept accepts", "lenient", unclear("strict.example"), "", "accept temperror dmarc-temperror"),
    ("an unknown policy is accepted", "default", unsigned("dark.example"), "", "accept temperror dmarc-temperror"),
    ("on-unknown-policy = defer defers", "lenient", unsigned("dark.example"), "", "defer temperror dmarc-temperror"),
    ("no From is refused", "default", with_from_fields(), "strict.example", "reject - from-missing"),
    (
        "two From fields are refused",
        "default",
        with_from_fields("ann@strict.example", "bob@plain.example"),
        "strict.example",
        "reject - from-several-fields",
    ),
    (
        "an unreadable From is refused",
        "default",
        with_from_fields("ann@strict.example ann@plain.example"),
        "strict.example",
        "reject - from-unparsable",
    ),
    (
        "an empty group as From is refused",
        "default",
        with_from_fields("undisclosed:;"),
        "strict.example",
        "reject - from-no-address",
    ),
    (
        "bad-from = accept accepts two From fields",
        "lenient",
        with_from_fields("ann@strict.example", "bob@plain.example"),
        "strict.example",
        "accept - from-several-fields",
    ),
    (
        "several authors of one domain are one Author Domain",
        "default",
        with_from_fields("ann@strict.example, bob@strict.example"),
        "strict.example",
        "accept pass dmarc-pass",
    ),
    (
        "several Author Domains must all pass",
        "default",
        with_from_fields("ann@lax.example, bob@strict.example"),
        "lax.example",
        "reject fail dmarc-reject",
    ),
    (
        "spf.reject = fail refuses by SPF alone",
        "local",
        unsigned("plain.example"),
        (STRANGERS_ADDRESS, "plain.example"),
        "reject none spf-fail",
    ),
    (
        "SPF alone refuses nothing by default",
        "default",
        unsigned("plain.example"),
        (STRANGERS_ADDRESS, "plain.example"),
        "accept none dmarc-none",
    ),
]


@suite.table(ROWS)
def decision(world, daemon, message, comes_from, consequence):
    client, sender_domain = comes_from if isinstance(comes_from, tuple) else envelope_of(comes_from)
    action, dmarc, reason, override = (consequence + " -").split()[:4]
    outcome = world.send(daemon, message(world), f"bounces@{sender_domain}", client)
    found = [outcome.record.get(key, "-") for key in ("action", "dmarc", "reason", "override")]
    expect_equal(found, [action, dmarc, reason, override], f"action, dmarc, reason and override of {outcome}")
    check_handling(outcome, action)
    if outcome.message:
        wanted = "permerror" if dmarc == "-" else dmarc
        expect_equal(outcome.message.verdicts("dmarc"), [wanted], f"Authentication-Results of {outcome}")


def envelope_of(passing_domain):
    """Client and sender's domain of a message whose SPF passes for the domain, or of a stranger's."""
    return (SENDERS_ADDRESS, passing_domain) if passing_domain else (STRANGERS_ADDRESS, "stranger.example")


def check_handling(outcome, action):
    """That what happened is what the log calls it."""
    codes = {"accept": 250, "tag": 250, "hold": 250, "reject": 550, "defer": 451}
    expect_equal(outcome.reply.code, codes[action], f"reply code of {outcome}")
    expect_equal(outcome.is_held, action == "hold", f"held: {outcome}")
    expect_equal(outcome.message is not None, action in ("accept", "tag"), f"delivered: {outcome}")
    if outcome.message:
        expect_equal(len(outcome.message.fields(TAG_FIELD)), int(action == "tag"), f"{TAG_FIELD} of {outcome}")


def send_as_stranger(world, daemon, message, sender="a@stranger.example"):
    return world.send(daemon, message(world), sender, STRANGERS_ADDRESS)


# ---- what rows cannot say ------------------------------------------------------------------------------------------


@suite.case("a refusal names DMARC and the policy domain, with 5.7.26")
def reply_by_dmarc(world):
    outcome = send_as_stranger(world, "default", unsigned("sub.parent.example"))
    expect("5.7.26" in outcome.reply.text and "DMARC" in outcome.reply.text and " parent.example" in outcome.reply.text, outcome)


@suite.case("dmarc.reject-text is sent, its percent signs and domains filled in")
def reply_by_operator(world):
    outcome = send_as_stranger(world, "local", unsigned("sub.parent.example"))
    text = "5.7.26 100% sure that sub.parent.example is forged: see https://parent.example/help"
    expect(outcome.reply.text.startswith(text), outcome)


@suite.case("a bad From is refused with 5.7.1, a deferral says 4.7.26, SPF 5.7.23 with the domain's explanation")
def other_replies(world):
    expect("5.7.1 " in send_as_stranger(world, "default", with_from_fields()).reply.text, "5.7.1")
    expect("4.7.26 " in send_as_stranger(world, "default", unclear("strict.example")).reply.text, "4.7.26")
    outcome = send_as_stranger(world, "local", unsigned("plain.example"), "a@explaining.example")
    expect("5.7.23 " in outcome.reply.text and f"We never send mail from {STRANGERS_ADDRESS}" in outcome.reply.text, outcome)


@suite.table(
    [
        ("monitor mode accepts what would be refused", unsigned("strict.example"), "reject"),
        ("monitor mode does not tag", unsigned("wary.example"), "tag"),
        ("monitor mode does not defer", unclear("strict.example"), "defer"),
        ("monitor mode accepts two From fields", with_from_fields("a@strict.example", "b@lax.example"), "reject"),
    ]
)
def monitor(world, message, action):
    outcome = send_as_stranger(world, "monitor", message)
    expect_equal((outcome.record["action"], outcome.record["mode"]), (action, "monitor"), f"log of {outcome}")
    check_handling(outcome, "accept")
    expect(outcome.message.results.startswith("mx.receiver.example;"), outcome)


@suite.table(
    [
        ("a relay's mail is neither judged nor signed", "203.0.113.7", "pass(relay)"),
        ("a client in sign.networks is not judged", "203.0.113.70", "sign(sign-network)"),
        ("a client just outside sign.networks is judged", "203.0.113.63", "judge(outside)"),
    ]
)
def exemptions(world, client, role):
    outcome = world.send("local", unsigned("strict.example")(world), "a@stranger.example", client)
    expect_equal(outcome.record["role"], role, f"role of {outcome}")
    check_handling(outcome, "reject" if role.startswith("judge") else "accept")
    if outcome.message:
        expect_equal(outcome.message.fields("Authentication-Results"), [], "results of mail that is not judged")


@suite.case("`signet verify --queue-id` finds messages in the log, has words for each reason, and judges as the daemon did")
def explained(world):
    message = signed("strict.example")(world)
    outcome = world.send("default", message, "ann@strict.example", SENDERS_ADDRESS)
    log, file = world.folder / "default.log", world.folder / "message.eml"
    log.write_text("\n".join(world.signetd["default"].lines) + "\n")
    file.write_bytes(message)
    tool = [program("signet"), "verify", "--json", f"--log={log}"]
    for record in {record["reason"]: record for record in world.signetd["default"].records()}.values():
        said = run_json(*tool, "--queue-id", record["qid"])
        expect_equal(said["log"]["fields"]["reason"], record["reason"], f"reason of {record}")
        expect(said["log"]["meaning"], f"there are no words for {record['reason']}")
    again = run_json(*tool, "--queue-id", outcome.record["qid"], f"--zone-file={world.zone_file}", str(file))
    expect_equal((again["reason"], again["action"]), (outcome.record["reason"], outcome.record["action"]), f"judged again: {outcome}")
    expect_equal(again["spf"]["mailfrom"]["result"], outcome.record["spf.mailfrom"], f"SPF of {outcome}")


def run_json(*command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    expect_equal(done.returncode, 0, f"status of {command}: {done.stderr}")
    return json.loads(done.stdout)


if __name__ == "__main__":
    suite.main(DecisionWorld)
