"""Load with every verdict checked: a mixture of messages, played by the program milter_load."""

import json
import subprocess

from harness.mail import compose, sign
from harness.site import RECEIVER, SENDERS_ADDRESS, STRANGERS_ADDRESS
from harness.suite import expect_equal
from harness.system import program

SUBMISSION = "submission"  # the daemon_name whose mail the configuration signs


def load_settings(site):
    """What a daemon's configuration needs for every kind of message below."""
    return {"sign": {"daemons": [SUBMISSION], "rule": [site.sign_rule(RECEIVER)]}}


def kinds_of(site):
    """[(name, message, client, sender, daemon_name, verdict, code, inserted)]: names from the fixed set of the site's zone."""
    strict = compose("ann@strict.example", body="Dear Dora,\r\n\r\nthis is it.\r\n" * 20)
    large = sign(compose("ann@strict.example", body=b"a line of the body of a large message\r\n" * 5000), "strict.example", site.rsa)
    flood = [(f"X-Flood-{number}", "x" * 900) for number in range(120)]
    flooded = sign(compose("ann@lax.example", fields=flood), "lax.example", site.rsa)
    several = strict.replace(b"From:", b"From: ann@lax.example\r\nFrom:", 1)
    garbage = bytes(range(1, 256)) * 40 + b"\r\nFrom: <<>(\r\n\r\n" + bytes(range(256)) * 40
    outside = (STRANGERS_ADDRESS, "ann@strict.example", "mx")
    return [
        ("signed with RSA", sign(strict, "strict.example", site.rsa), *outside, "accept", 0, "dmarc=pass"),
        ("signed with Ed25519", sign(strict, "strict.example", site.ed25519), *outside, "accept", 0, "dmarc=pass"),
        ("forged", strict, *outside, "reply", 550, ""),
        ("allowed by SPF", compose("ann@strict.example"), SENDERS_ADDRESS, *outside[1:], "accept", 0, "dmarc=pass"),
        ("to be tagged", compose("ann@wary.example"), *outside, "accept", 0, "X-Signet-Quarantine:"),
        ("changed on the way", sign(strict, "lax.example", site.rsa) + b"footer\r\n", *outside, "reply", 550, ""),
        ("large", large, *outside, "accept", 0, "dmarc=pass"),
        ("with a header too large", flooded, *outside, "accept", 0, "dkim=permerror"),
        ("with several From fields", several, *outside, "reply", 550, ""),
        ("garbage", garbage, *outside, "reply", 550, ""),
        ("our own", compose(f"dora@{RECEIVER}"), SENDERS_ADDRESS, f"dora@{RECEIVER}", SUBMISSION, "accept", 0, "DKIM-Signature:"),
    ]


def write_kinds(site):
    """The kinds as milter_load reads them; the file's path."""
    names = ("client", "sender", "daemon_name", "verdict", "code", "inserted")
    objects = []
    for number, (name, message, *rest) in enumerate(kinds_of(site)):
        file = site.folder / f"kind{number}.eml"
        file.write_bytes(message)
        objects.append({"name": name, "file": str(file), **dict(zip(names, rest))})
    path = site.folder / "kinds.json"
    path.write_text(json.dumps(objects))
    return path


def start_load(socket, kinds, messages, *options):
    command = [program("bench/milter_load"), socket, str(kinds), "--messages", str(messages), *map(str, options)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def finish_load(process, messages):
    """Waits for it, and checks that every verdict was the expected one; its report."""
    output, _ = process.communicate()
    report = json.loads(output)
    expect_equal((report["good"], report["failures"], process.returncode), (messages, [], 0), "messages judged as expected")
    return report


def run_load(socket, kinds, messages, *options):
    return finish_load(start_load(socket, kinds, messages, *options), messages)
