#!/usr/bin/python3
"""What cannot be read or opened at start, as a user who is not root: one clear line, and the right exit status."""

import os
import re
import shutil
import socket
import subprocess

from harness.keys import make_key
from harness.suite import Suite, expect, expect_equal
from harness.system import exit_on_signals, program, temporary_folder

BAD_CONFIGURATION = 78
NO_SOCKET = 69
NOBODY = 65534

suite = Suite()


class StartUp:
    """A folder with files that nobody may read, should not trust, or cannot make sense of."""

    def __init__(self):
        exit_on_signals()
        self.folder = temporary_folder()
        self.program = shutil.copy(program("signetd"), self.folder)  # where nobody can reach it
        self.config = self.folder / "signet.toml"
        self.key("private", 0o600)
        self.key("open", 0o644)
        self.key("shared", 0o660)
        self.key("good", 0o640)
        self.key("strangers", 0o640, owner=4711)
        self.key("short", 0o640, bits=768)
        self.file("note", "this is no key\n", 0o640)
        self.file("huge", "x" * 70_000, 0o640)
        self.file("zone", "good.example. A 192.0.2.1\n", 0o644)
        self.file("private-zone", "good.example. A 192.0.2.1\n", 0o600)
        self.file("bad-zone", "good.example. A 192.0.2.1\ngood.example. A 192.0.2.256\n", 0o644)
        locked = self.folder / "locked"
        locked.mkdir()
        shutil.copy(self.folder / "good.pem", locked / "good.pem")
        locked.chmod(0o700)
        self.in_use = socket.socket(socket.AF_UNIX)
        self.in_use.bind(f"{self.folder}/in-use.sock")
        self.in_use.listen()
        os.chmod(f"{self.folder}/in-use.sock", 0o777)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.in_use.close()

    def key(self, name, mode, bits=2048, owner=0):
        path = make_key(self.folder, name, bits=bits).path
        os.chown(path, owner, NOBODY)
        path.chmod(mode)

    def file(self, name, text, mode):
        path = self.folder / name
        path.write_text(text)
        os.chown(path, 0, NOBODY)
        path.chmod(mode)

    def run(self, *arguments):
        """As user nobody; the exit status and what was said."""
        command = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--", self.program, *arguments]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False, cwd="/")
        return ended.returncode, ended.stderr

    def write(self, text):
        self.config.write_text(text.replace("FOLDER", str(self.folder)))
        self.config.chmod(0o644)


def expect_refusal(world, arguments, status, *fragments):
    found, said = world.run(*arguments)
    expect_equal(found, status, f"exit status; it said {said!r}")
    expect(said.startswith("signetd: ") and said.count("\n") == 1, f"one line: {said!r}")
    for fragment in fragments:
        expect(re.search(fragment, said), f"{fragment!r} is not in {said!r}")


@suite.case("a configuration file that cannot be read is refused")
def unreadable_configuration(world):
    world.write("")
    world.config.chmod(0o600)
    expect_refusal(world, ["--config", world.config], BAD_CONFIGURATION, f"{world.config}: found .*Permission denied.*, expected")


@suite.table(
    [
        ("a configuration file that is not there is refused", "nowhere.toml", "No such file"),
        ("a folder for a configuration file is refused", ".", "directory"),
        ("a configuration file in a locked folder is refused", "locked/signet.toml", "Permission denied"),
    ]
)
def no_configuration(world, name, why):
    for option in ("--config", "--check"):
        expect_refusal(world, [option, world.folder / name], BAD_CONFIGURATION, f"{world.folder}.*: found .*{why}.*, expected")


RULE = '[[sign.rule]]\nfrom = "*"\nselector = "s"\nkey = "{}"\n'
KEY_PLACE = r"signet\.toml:4:7: key file .*: found .*, expected "
ZONE_PLACE = r"signet\.toml:1:17: "


@suite.table(
    [
        ("a key that only another user may read is refused", RULE.format("private.pem"), KEY_PLACE, "private.pem.*Permission"),
        ("a key in a locked folder is refused", RULE.format("locked/good.pem"), KEY_PLACE, "locked/good.pem.*Permission"),
        ("a key that is not there is refused", RULE.format("nowhere.pem"), KEY_PLACE, "nowhere.pem.*No such file"),
        ("a folder for a key is refused", RULE.format("."), KEY_PLACE, "no regular file"),
        ("a key that all may read is refused", RULE.format("open.pem"), KEY_PLACE, "mode 0644.*0600 or 0640"),
        ("a key that a group may write is refused", RULE.format("shared.pem"), KEY_PLACE, "mode 0660.*0600 or 0640"),
        ("a key of a stranger is refused", RULE.format("strangers.pem"), KEY_PLACE, "owner uid 4711.*root or uid 65534"),
        ("a key that is none is refused", RULE.format("note"), KEY_PLACE, "no usable key.*RSA or Ed25519 private key in PEM"),
        ("a file too large for a key is refused", RULE.format("huge"), KEY_PLACE, "70000 octets.*at most 65536"),
        ("an RSA key too short is refused", RULE.format("short.pem"), KEY_PLACE, "768 bits.*at least 1024"),
        ("a zone file that cannot be read is refused", 'dns.zone-file = "private-zone"\n', ZONE_PLACE, "found .*Permission denied.*, expected"),
        ("a zone file that is not there is refused", 'dns.zone-file = "nowhere"\n', ZONE_PLACE, "found .*No such file.*, expected"),
        ("a zone file with an error is refused", 'dns.zone-file = "bad-zone"\n', ZONE_PLACE, "bad-zone:2:17: not an address of the type"),
        ("a server that is none is refused", 'dns.servers = ["192.0.2.1", "ns.example"]\n', r"signet\.toml:1:29: found .*ns.example.*, expected"),
        ("TOML that is none is refused", "mode = \n", r"signet\.toml:1:"),
    ]
)
def bad_configuration(world, text, *fragments):
    world.write(text)
    for option in ("--config", "--check"):
        expect_refusal(world, [option, world.config], BAD_CONFIGURATION, *fragments)


SOCKET = 'milter.socket = "{}"\n'
SOCKET_PLACE = r"signet\.toml:1:17: socket .*: found .*, expected "


@suite.table(
    [
        ("a socket in a folder one may not write is refused", SOCKET.format("unix:FOLDER/new.sock"), "Permission denied"),
        ("a socket in a folder that is not there is refused", SOCKET.format("unix:FOLDER/no/new.sock"), "No such file"),
        ("a socket in use is refused", SOCKET.format("unix:FOLDER/in-use.sock"), "another program answering"),
        ("a file in the place of a socket is refused", SOCKET.format("unix:FOLDER/zone"), "something else"),
        ("an address of another machine is refused", SOCKET.format("inet:8899@192.0.2.1"), "Cannot assign"),
        ("a host name that does not exist is refused", SOCKET.format("inet:8899@nowhere.invalid"), "nowhere.invalid"),
    ]
)
def bad_socket(world, text, why):
    world.write(text + 'dns.zone-file = "FOLDER/zone"\n')
    expect_refusal(world, ["--config", world.config], NO_SOCKET, SOCKET_PLACE, why)


@suite.case("what can be read passes the check, and a weak key is only warned of")
def good(world):
    world.key("weak", 0o640, bits=1024)
    for name, warned in [("good.pem", ""), ("weak.pem", "1024 bits is weak")]:
        world.write('dns.zone-file = "FOLDER/zone"\n' + RULE.format(name))
        status, said = world.run("--check", world.config)
        expect_equal(status, 0, said)
        expect(warned in said, said)


if __name__ == "__main__":
    suite.main(StartUp)
