#!/usr/bin/python3
"""`signet sign` and `signet verify` beside python3-dkim and OpenDKIM's filter, by saved messages alone. What the three
make of every shape of message is dkim_peers_test.py's business."""

import json
import subprocess

from harness import mail, opendkim
from harness.keys import make_key
from harness.mail import compose, with_crlf
from harness.signetd import to_toml
from harness.suite import Suite, expect, expect_equal
from harness.system import program, temporary_folder
from harness.zone import DnsZone

DOMAIN = "strict.example"
FIELDS = [
    ("Comments", "one"),
    ("References", "<1@x>\r\n <2@x>\r\n\t<3@x>"),
    ("X-Spaces", "   a   b  "),
    ("List-Id", "Talk\r\n <talk.list.example>"),
]

suite = Suite()


class Desk:
    """A folder with keys, zone and configurations; no daemon and no mail server."""

    def __init__(self):
        self.folder = temporary_folder()
        self.keys = [make_key(self.folder, "rsa"), make_key(self.folder, "ed", "ed25519")]
        self.small = make_key(self.folder, "small", bits=1024)
        self.zone = DnsZone()
        self.zone.add_sender(DOMAIN, dmarc="v=DMARC1; p=reject", keys=[*self.keys, self.small])
        self.zone_file = self.zone.write(self.folder / "zone")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def verify(self, message, *options):
        """The report of `signet verify --json`."""
        return json.loads(self._signet("verify", "--zone-file", self.zone_file, "--json", *options, self._save(message)))

    def sign(self, message, form="relaxed"):
        """The message as `signet sign` prints it."""
        keys = [{"selector": key.selector, "file": str(key.path)} for key in self.keys]
        forms = {"header-canonicalization": form, "body-canonicalization": form}
        file = self.folder / "sign.toml"
        file.write_text(to_toml({"sign": {**forms, "rule": [{"from": [DOMAIN], "keys": keys}]}}))
        return self._signet("sign", "--config", file, self._save(message))

    def _save(self, message):
        file = self.folder / "message.eml"
        file.write_bytes(message)
        return file

    @staticmethod
    def _signet(*arguments):
        result = subprocess.run([program("signet"), *map(str, arguments)], capture_output=True, check=False)
        if result.returncode != 0:
            raise AssertionError(f"signet {arguments[0]}: status {result.returncode}: {result.stderr.decode()}")
        return result.stdout


def a_message(body):
    return compose(f"Ann <ann@{DOMAIN}>", fields=FIELDS, body=body)


@suite.table([(f"what signet signs, {form}, others verify", form) for form in ("relaxed", "simple")])
def ours_by_others(desk, form):
    signed = desk.sign(a_message(b"Hello! \r\n\r\n"), form)
    wanted = [(DOMAIN, "ed25519-sha256", True), (DOMAIN, "rsa-sha256", True)]
    expect_equal(sorted(mail.verify(signed, desk.zone)), wanted, "python3-dkim's opinion")
    expect_equal(sorted(opendkim.verify(signed, desk.zone)), wanted, "OpenDKIM's opinion")


@suite.table([(f"what python3-dkim and OpenDKIM sign, {form}, signet verifies", form) for form in ("relaxed", "simple")])
def theirs_by_us(desk, form):
    message = a_message(b"Hello! \r\n\r\n")
    message = mail.sign(message, DOMAIN, desk.keys[1], canonicalize=(form.encode(), form.encode()))
    message = opendkim.sign(message, DOMAIN, desk.keys[0], f"{form}/{form}")
    check_report(desk.verify(message), ["rsa-sha256", "ed25519-sha256"])


def check_report(report, algorithms):
    found = [(one["domain"], one["algorithm"], one["result"]) for one in report["dkim"]]
    expect_equal(found, [(DOMAIN, algorithm, "pass") for algorithm in algorithms], "signatures")
    expect_equal((report["dmarc"]["result"], report["action"]), ("pass", "accept"), "DMARC and action")


@suite.case("what all agree is broken: a changed body, a changed field, an added From")
def broken(desk):
    signed = desk.sign(a_message(b"Hello!\r\n"))
    changed = [
        signed.replace(b"Hello!", b"Hallo!"),
        signed.replace(b"Subject: Hello", b"Subject: Hallo"),
        signed.replace(b"From: Ann", b"From: Eve <eve@strict.example>\r\nFrom: Ann"),
    ]
    for message in changed:
        expect_equal([good for _, _, good in mail.verify(message, desk.zone)], [False, False], "python3-dkim's opinion")
        expect_equal([good for _, _, good in opendkim.verify(message, desk.zone)], [False, False], "OpenDKIM's opinion")
        expect_equal([one["result"] for one in desk.verify(message)["dkim"]], ["fail", "fail"], "signet's opinion")


@suite.case("what python3-dkim signs with an RSA key of 1024 bits passes, just")
def small_key(desk):
    check_report(desk.verify(mail.sign(a_message(b"x\r\n"), DOMAIN, desk.small)), ["rsa-sha256"])


@suite.case("what python3-dkim signs for the first half of the body (l=) does not pass")
def short_length(desk):
    message = mail.sign(a_message(b"first\r\n"), DOMAIN, desk.keys[0], length=True)
    check_report(desk.verify(message), ["rsa-sha256"])  # the length is that of the whole body
    report = desk.verify(message + b"second\r\n")
    expect_equal(([one["result"] for one in report["dkim"]], report["dmarc"]["result"]), (["policy"], "fail"), "results")


@suite.case("what OpenDKIM signs with copied fields (z=) and an expiration (x=) passes")
def copied_fields(desk):
    message = opendkim.sign(a_message(b"x\r\n"), DOMAIN, desk.keys[0], more="Diagnostics yes\nSignatureTTL 600\n")
    expect(b"\tz=" in message and b"; x=" in message, "both tags are there")
    check_report(desk.verify(message), ["rsa-sha256"])


@suite.case("signatures over different lengths of one body (l=) are verified each by its own")
def several_lengths(desk):
    message = mail.sign(a_message(b"first\r\n"), DOMAIN, desk.keys[0], length=True)
    longer = message + b"second\r\n"
    for length in (True, False):
        longer = mail.sign(longer, DOMAIN, desk.keys[0], length=length)
    found = [one["result"] for one in desk.verify(longer)["dkim"]]
    expect_equal(found, ["pass", "pass", "policy"], "results, topmost signature first")


@suite.case("a message saved with bare LF has the same signatures")
def line_feeds(desk):
    signed = desk.sign(a_message(b"Hello!\r\n").replace(b"\r\n", b"\n"))
    expect(b"\r\n" not in signed, "line ends are those of the file")
    for octets in (signed, with_crlf(signed)):
        check_report(desk.verify(octets), ["rsa-sha256", "ed25519-sha256"])


if __name__ == "__main__":
    suite.main(Desk, needs_root=False)
