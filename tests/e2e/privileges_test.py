#!/usr/bin/python3
"""Started by root with daemon.user: what is left of root's rights in every thread, and what is read and made as whom."""

import grp
import os
import pwd
import re
import shutil
import stat
import subprocess
from pathlib import Path

from harness.mail import compose, sign
from harness.milter_wire import play
from harness.signetd import Signetd, to_toml
from harness.site import RECEIVER, STRANGERS_ADDRESS, Site
from harness.suite import Suite, expect, expect_equal
from harness.system import program, wait_until

USER, GROUP = "nobody", "mail"
NOBODY = pwd.getpwnam(USER)
BAD_CONFIGURATION, NO_SOCKET = 78, 69
SENDER = b"ann@strict.example"

suite = Suite()


class PrivilegedSite(Site):
    """One daemon that becomes nobody, in a folder of nobody's, with a key that nobody may read."""

    def __init__(self):
        super().__init__()
        self.own = self.folder / "run"
        self.own.mkdir(mode=0o750)
        os.chown(self.own, NOBODY.pw_uid, NOBODY.pw_gid)
        os.chown(self.rsa.path, NOBODY.pw_uid, NOBODY.pw_gid)
        self.program = shutil.copy(program("signetd"), self.folder)

    def configurations(self):
        own = f"{self.folder}/run"
        rule = {"from": RECEIVER, "selector": "rsa", "key": f"{self.folder}/rsa.pem"}
        shared = {"control": {"socket": f"{own}/control.sock"}, "sign": {"rule": [rule]}}
        return {"nobody": {**shared, "daemon": {"user": USER}, "milter": {"socket": f"unix:{own}/milter.sock"}}}

    def start(self):
        """The cases start the daemon."""

    @property
    def daemon(self):
        daemon = self.signetd["nobody"]
        return daemon if daemon.is_running() else daemon.start()

    def run(self, settings, *under, option="--config"):
        """A daemon that should not come to serve: its status and words."""
        file = self.folder / "other.toml"
        file.write_text(to_toml(settings))
        command = [*under, self.program, option, str(file)]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
        return ended.returncode, ended.stderr


def statuses(pid):
    """/proc/PID/status of each thread as a dict."""
    for task in Path(f"/proc/{pid}/task").iterdir():
        yield dict(re.findall(r"^(\w+):\s*(.*)$", (task / "status").read_text(), re.MULTILINE))


@suite.case("every thread is the user with the user's groups, has no capability and can gain none")
def threads(world):
    pid = world.daemon.pid
    found = list(statuses(pid))
    expect(len(found) >= 4, f"{len(found)} threads")
    for status in found:
        expect_equal(status["Uid"].split(), [str(NOBODY.pw_uid)] * 4, f"user ids of {status['Name']}")
        expect_equal(status["Gid"].split(), [str(NOBODY.pw_gid)] * 4, f"group ids of {status['Name']}")
        expect_equal(set(map(int, status["Groups"].split())), set(os.getgrouplist(USER, NOBODY.pw_gid)), "groups")
        expect_equal([status[f"Cap{which}"] for which in ("Inh", "Prm", "Eff", "Amb")], ["0" * 16] * 4, "capabilities")
        expect_equal(status["NoNewPrivs"], "1", "NoNewPrivs")
    expect(not any("runs as root" in line for line in world.daemon.lines), world.daemon.lines)


@suite.case("it signs and judges, and its sockets are the user's")
def serves(world):
    daemon = world.daemon
    own = play(daemon.socket, compose(f"dora@{RECEIVER}"), f"dora@{RECEIVER}".encode(), "127.0.0.1")
    expect(b"DKIM-Signature" in [name for name, _ in own.inserted], own)
    judged = play(daemon.socket, sign(compose(SENDER.decode()), "strict.example", world.rsa), SENDER, STRANGERS_ADDRESS)
    expect(judged.code == b"a" and "dmarc=pass" in judged.results, judged)
    for name, mode in (("milter.sock", 0o660), ("control.sock", 0o600)):
        status = (world.own / name).stat()
        expect_equal((status.st_uid, status.st_gid, stat.S_IMODE(status.st_mode)), (NOBODY.pw_uid, NOBODY.pw_gid, mode), name)


@suite.case("a reload reads as the user: a key that has become root's alone is refused, and the old one signs on")
def reload_as_user(world):
    daemon = world.daemon
    os.chown(world.rsa.path, 0, 0)
    daemon.hang_up()
    line = wait_until(lambda: next((line for line in daemon.lines if "not reloaded" in line), None), "the outcome")
    expect("rsa.pem" in line and "Permission denied" in line, line)
    own = play(daemon.socket, compose(f"dora@{RECEIVER}"), f"dora@{RECEIVER}".encode(), "127.0.0.1")
    expect(b"DKIM-Signature" in [name for name, _ in own.inserted], own)
    os.chown(world.rsa.path, NOBODY.pw_uid, NOBODY.pw_gid)


@suite.case("it ends as it should and takes its sockets with it")
def ends(world):
    daemon = world.daemon
    daemon.terminate()
    expect_equal(daemon.wait(), 0, daemon.lines[-3:])
    expect_equal(os.listdir(world.own), [], "what is left in its folder")


@suite.case("daemon.group is the group, and the user's other groups are there as well")
def other_group(world):
    settings = {"daemon": {"user": USER, "group": GROUP}, "dns": {"zone-file": str(world.zone_file)}}
    daemon = Signetd(world.folder, "grouped", settings).start()
    for status in statuses(daemon.pid):
        expect_equal(status["Gid"].split(), [str(grp.getgrnam(GROUP).gr_gid)] * 4, "group ids")
    daemon.terminate()
    expect_equal(daemon.wait(), 0, "exit status")


@suite.case("root without daemon.user serves, and is warned")
def root(world):
    daemon = Signetd(world.folder, "root", {"dns": {"zone-file": str(world.zone_file)}}).start()
    expect(any("warning" in line and "runs as root" in line and "daemon.user" in line for line in daemon.lines), daemon.lines)
    daemon.terminate()
    expect_equal(daemon.wait(), 0, "exit status")


AS_NOBODY = ["setpriv", f"--reuid={USER}", f"--regid={NOBODY.pw_gid}", "--clear-groups", "--"]


@suite.table(
    [
        ("a user that does not exist is refused", {"user": "nosuch"}, [], r":2:8: found user \"nosuch\", expected a user of this system"),
        ("a group that does not exist is refused", {"user": USER, "group": "nosuch"}, [], r":3:9: found group \"nosuch\", expected a group"),
        ("root by name is refused", {"user": "root"}, [], r"found user \"root\", who is root"),
        ("a group without a user is refused", {"group": GROUP}, [], "found a group without a user"),
        ("another user than the one who starts it is refused", {"user": "daemon"}, AS_NOBODY, "found user \"daemon\" and that uid 65534"),
    ]
)
def refused(world, daemon, under, fragment):
    status, said = world.run({"daemon": daemon}, *under)
    expect_equal((status, said.count("\n")), (BAD_CONFIGURATION, 1), said)
    expect(re.search(fragment, said), said)


@suite.case("the user whom it would become may start it, too")
def already(world):
    world.signetd["nobody"].under = AS_NOBODY
    try:
        expect(world.daemon.is_running(), "the daemon")
    finally:
        world.signetd["nobody"].kill()
        world.signetd["nobody"].under = []


@suite.table([("a key that only root may read is refused at the start", "--config"), ("and by --check", "--check")])
def roots_key(world, option):
    rule = {"from": "*", "selector": "s", "key": "ed.pem"}
    status, said = world.run({"daemon": {"user": USER}, "sign": {"rule": [rule]}}, option=option)
    expect_equal((status, said.count("\n")), (BAD_CONFIGURATION, 1), said)
    expect(re.search(r"ed.pem.*Permission denied.* \(as user nobody\)", said), said)


@suite.case("a configuration that only root may read is refused: a reload could not read it")
def roots_configuration(world):
    file = world.folder / "other.toml"
    file.touch(mode=0o600)
    os.chmod(file, 0o600)
    try:
        status, said = world.run({"daemon": {"user": USER}})
    finally:
        os.chmod(file, 0o644)
    expect_equal(status, BAD_CONFIGURATION, said)
    expect(re.search(r"other.toml: found .*Permission denied.*\(as user nobody\)$", said.strip()), said)


@suite.case("a socket where only root may make one is refused")
def roots_socket(world):
    status, said = world.run({"daemon": {"user": USER}, "dns": {"zone-file": str(world.zone_file)}, "milter": {"socket": f"unix:{world.folder}/x.sock"}})
    expect_equal(status, NO_SOCKET, said)
    expect("Permission denied" in said and said.endswith("(as user nobody)\n"), said)


if __name__ == "__main__":
    suite.main(PrivilegedSite)
