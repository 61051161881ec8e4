#!/usr/bin/python3
"""docs/running.md, tried: in a container (as far as a kernel alone makes one), and in the background by start-stop-daemon."""

import json
import re
import subprocess
import time
from pathlib import Path

from harness.mail import compose, sign
from harness.milter_wire import play
from harness.signetd import Signetd
from harness.site import STRANGERS_ADDRESS, Site
from harness.suite import Suite, expect, expect_equal
from harness.system import ROOT, program, wait_until

GUIDE = (ROOT / "docs/running.md").read_text()
SENDER = b"ann@strict.example"
NOBODY = 65534
# A process 1 of its own with a file system that cannot be written to; then nobody, without a capability or a way to one.
CONTAINER = """set -e
mount --bind {folder} {folder}
mount -o remount,bind,ro {folder}
mount -o remount,bind,ro /
cd /
if touch {folder}/written 2>/dev/null || touch /written 2>/dev/null; then exit 99; fi
exec setpriv --reuid={user} --regid={user} --clear-groups --no-new-privs --bounding-set=-all --inh-caps=-all -- "$@"
"""

suite = Suite()


class RunningSite(Site):
    def __init__(self):
        super().__init__()
        self.good = sign(compose(SENDER.decode()), "strict.example", self.rsa)

    def configurations(self):
        return {}

    def settings(self, **more):
        return {"dns": {"zone-file": str(self.zone_file)}, **more}


def answer(daemon, message):
    """The verdict, or None while nobody listens."""
    try:
        return play(daemon.socket, message, SENDER, STRANGERS_ADDRESS)
    except OSError:
        return None


def only_child(pid):
    return wait_until(lambda: Path(f"/proc/{pid}/task/{pid}/children").read_text().split(), "a process in the container")[0]


@suite.case("in a container: process 1, nobody, no capability, nothing writable; it serves, reloads and stops when told")
def container(world):
    entrypoint = json.loads(re.search(r"^ENTRYPOINT (\[.*\])$", GUIDE, re.MULTILINE)[1])
    expect_equal(entrypoint[0], "/usr/sbin/signetd", "the program of the ENTRYPOINT")
    daemon = Signetd(world.folder, "container", world.settings())
    (world.folder / "start").write_text(CONTAINER.format(folder=world.folder, user=NOBODY))
    command = [word.replace("/etc/signet/signet.toml", str(daemon.file)) for word in entrypoint[1:]]
    unshare = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "sh", world.folder / "start"]
    log = world.folder / "container.log"
    with subprocess.Popen([*unshare, program("signetd"), *command], stderr=log.open("wb"), stdin=subprocess.DEVNULL) as outer:
        try:
            verdict = wait_until(lambda: answer(daemon, world.good), "an answer")
            expect("dmarc=pass" in verdict.results, verdict)
            inner = only_child(outer.pid)
            status = Path(f"/proc/{inner}/status").read_text()
            for line in (f"Uid:\t{NOBODY}\t", "NSpid:\t" + inner + "\t1\n", "CapEff:\t" + "0" * 16, "CapBnd:\t" + "0" * 16, "NoNewPrivs:\t1"):
                expect(line in status, f"{line!r} is not in {status}")
            subprocess.run(["kill", "-HUP", inner], check=True)
            wait_until(lambda: "reloaded: " in log.read_text(), "a reload")
            start = time.monotonic()
            subprocess.run(["kill", "-TERM", inner], check=True)
            expect_equal(outer.wait(10), 0, f"exit status; {log.read_text()}")
            expect(time.monotonic() - start < 5, f"it took {time.monotonic() - start:.1f} s to stop")
        finally:
            outer.kill()
    expect(" ready: " in log.read_text() and log.read_text().endswith(" stopped\n"), log.read_text())


@suite.case("start-stop-daemon puts it in the background, knows it by its pid file and stops it")
def background(world):
    commands = [line.split() for line in re.findall(r"^    (start-stop-daemon .*)$", GUIDE, re.MULTILINE)]
    expect_equal(len(commands), 2, "commands on the page")
    pid_file = world.folder / "signetd.pid"
    daemon = Signetd(world.folder, "background", world.settings(daemon={"user": "nobody"}, log={"target": "syslog"}))
    known = {"/run/signetd.pid": str(pid_file), "/usr/sbin/signetd": program("signetd")}
    start, stop = ([known.get(word, word) for word in command] for command in commands)
    subprocess.run([*start, "--", "--config", daemon.file], check=True, timeout=30)
    try:
        verdict = wait_until(lambda: answer(daemon, world.good), "an answer")
        expect("dmarc=pass" in verdict.results, verdict)
        expect(f"Uid:\t{NOBODY}\t" in Path(f"/proc/{pid_file.read_text().strip()}/status").read_text(), "whose process it is")
    finally:
        subprocess.run(stop, check=True, timeout=60)
    expect(not pid_file.exists() and answer(daemon, world.good) is None, "it is gone")


if __name__ == "__main__":
    suite.main(RunningSite)
