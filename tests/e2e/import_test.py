#!/usr/bin/python3
"""What `signet import` makes of OpenDKIM's tables signs as OpenDKIM does: the same domain and selectors for the same author.

Tables are made at random, always the same; OpenDKIM's opinion comes from its filter in test mode."""

import json
import random
import re
import subprocess

from harness import opendkim
from harness.keys import make_key
from harness.mail import compose
from harness.suite import Suite, expect, expect_equal
from harness.system import program, temporary_folder

AUTHORS = [
    "bob@a.example", "eve@a.example", "Bob@A.Example", "bob@b.a.example", "eve@c.b.a.example",
    "eve@b.example", "bob@x.b.example", "eve@other.example", "bob@xa.example",
]  # fmt: skip
PATTERNS = {
    "refile": ["*@a.example", "*@b.a.example", "*@*.a.example", "*.b.a.example", "*@b.example", "*@*.example", "bob@a.example", "*"],
    "file": ["a.example", "b.a.example", ".a.example", ".b.a.example", "b.example", ".example", "bob@a.example", "*"],
}
KEYS = {
    "own": {"k1": "%:s1:{one}", "k2": "%:s2:{two}", "k3": "%:s3:{one}"},
    "fixed": {"k1": "a.example:s1:{one}", "k2": "a.example:s2:{two}", "k3": "a.example:s3:{one}"},
}
TABLES_OF_A_KIND = 6

suite = Suite()


class Desk:
    """A folder with keys; no daemon and no mail server."""

    def __init__(self):
        self.folder = temporary_folder()
        self.files = {name: str(make_key(self.folder, name, bits=1024).path) for name in ("one", "two")}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def write(self, name, text):
        """A file of these lines; its path."""
        path = self.folder / name
        path.write_text(text)
        return path

    def settings(self, lines):
        """An opendkim.conf, and the signet.toml that the import makes of it."""
        old = self.write("opendkim.conf", f"RequireSafeKeys no\n{lines}")
        new = self.folder / "signet.toml"
        nowhere = [f"--{name}={self.write(name, '')}" for name in ("opendmarc", "policyd-spf", "main-cf", "master-cf")]
        command = [program("signet"), "import", "--no-dns", "--force", f"--output={new}", f"--opendkim={old}", *nowhere]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        expect_equal(done.returncode, 0, f"the import's status: {done.stderr}")
        return old, new

    def sign_by_us(self, new, author):
        """The tags of each signature, in order; compare harness.opendkim.signatures."""
        file = self.folder / "message.eml"
        file.write_bytes(compose(author))
        command = [program("signet"), "sign", "--json", "--config", str(new), str(file)]
        report = json.loads(subprocess.run(command, capture_output=True, check=False).stdout)
        changes = [change["value"] for change in report["changes"] if change["name"] == "DKIM-Signature"]
        return [opendkim.tags(value) for value in changes]


def some_tables(dice, kind):
    """A SigningTable and whether several entries may sign; a table of names has each once."""
    patterns = dice.sample(PATTERNS[kind], dice.randint(1, len(PATTERNS[kind])))
    if kind == "refile":
        patterns += dice.choices(PATTERNS[kind], k=2)
        dice.shuffle(patterns)
    return "".join(f"{pattern} {dice.choice(['k1', 'k2', 'k3'])}\n" for pattern in patterns), dice.random() < 0.5


def check_authors(desk, lines, tags):
    """Both sign the same for all AUTHORS, by these tags. How many messages were signed."""
    old, new = desk.settings(lines)
    signed = 0
    for author in AUTHORS:
        theirs = opendkim.signatures(compose(author), old.read_text())
        ours = desk.sign_by_us(new, author)
        pick = [sorted({tuple(one.get(tag) for tag in tags) for one in all_of}) for all_of in (ours, theirs)]
        expect_equal(pick[0], pick[1], f"signatures for {author} by\n{lines}\n{new.read_text()}")
        signed += bool(ours)
    return signed


@suite.table([(f"{kind} tables, keys of {keys} domains", kind, keys) for kind in PATTERNS for keys in KEYS])
def random_tables(desk, kind, keys):
    dice = random.Random(f"{kind} {keys}")
    table = desk.write("keys", "".join(f"{name} {value.format(**desk.files)}\n" for name, value in KEYS[keys].items()))
    signed = 0
    for _ in range(TABLES_OF_A_KIND):
        signing, takes_several = some_tables(dice, kind)
        path = desk.write("signing", signing)
        several = "MultipleSignatures yes\n" if takes_several else ""
        signed += check_authors(desk, f"SigningTable {kind}:{path}\nKeyTable file:{table}\n{several}", ("d", "s"))
    expect(signed > TABLES_OF_A_KIND, f"{signed} messages were signed")


@suite.table([(f"one key, {more or 'plain'}", more) for more in ("", "SubDomains yes")])
def one_key(desk, more):
    lines = f"Domain a.example, b.example\nSelector s\nKeyFile {desk.files['one']}\n{more}\n"
    expect(check_authors(desk, lines, ("d", "s")) > 0, "some messages were signed")


@suite.table([(f"Canonicalization {form or 'not set'}", form) for form in ("", "relaxed", "simple", "relaxed/simple", "simple/relaxed")])
def canonicalization(desk, form):
    setting = f"Canonicalization {form}\n" if form else ""
    lines = f"Domain a.example\nSelector s\nKeyFile {desk.files['one']}\n{setting}"
    expect(check_authors(desk, lines, ("d", "s", "c")) > 0, "some messages were signed")


@suite.case("the fields that SignHeaders and OversignHeaders name")
def fields(desk):
    lines = f"Domain a.example\nSelector s\nKeyFile {desk.files['one']}\nSignHeaders From,Subject,Date\nOversignHeaders From\n"
    old, new = desk.settings(lines)
    (theirs,) = opendkim.signatures(compose("bob@a.example"), old.read_text())
    (ours,) = desk.sign_by_us(new, "bob@a.example")
    names = [sorted(re.split(r"\s*:\s*", one["h"].lower())) for one in (ours, theirs)]
    expect_equal(names[0], names[1], "the names of h=")


if __name__ == "__main__":
    suite.main(Desk, needs_root=False)
