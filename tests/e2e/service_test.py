#!/usr/bin/python3
"""signetd as a service of systemd: what it tells the service manager, and what its unit leaves to it."""

import re
import shutil
import socket
import subprocess

from harness.signetd import Signetd
from harness.suite import Suite, expect, expect_equal
from harness.system import ROOT, exit_on_signals, program, temporary_folder

UNIT = ROOT / "dist/systemd/signet.service"
MOST_EXPOSURE = 2.0
WATCHDOG_MS = 200

suite = Suite()


class ServiceManager:
    """Stands where systemd would: a daemon tells it how it is by datagrams."""

    def __init__(self):
        exit_on_signals()
        self.folder = temporary_folder()
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(self.folder / "notify"))
        self.socket.settimeout(10)
        self.control = self.folder / "control"
        self.daemon = Signetd(self.folder, "service", {"control": {"socket": str(self.control)}})
        self.daemon.under = ["env", f"NOTIFY_SOCKET={self.folder}/notify", f"WATCHDOG_USEC={WATCHDOG_MS * 1000}"]

    def __enter__(self):
        self.daemon.start()
        return self

    def __exit__(self, *_):
        self.daemon.kill()
        self.socket.close()

    def hear(self):
        return self.socket.recv(4096).decode()

    def hear_news(self):
        """The next that is more than a sign of life."""
        while (said := self.hear()) == "WATCHDOG=1":
            pass
        return said


@suite.case("it says that it is ready, is alive as often as it should be, reloads and stops")
def notifications(manager):
    ready = manager.hear()
    expect(ready.startswith("READY=1\nSTATUS=mode=enforce "), ready)
    manager.socket.settimeout(WATCHDOG_MS / 1000)
    expect_equal([manager.hear() for _ in range(3)], ["WATCHDOG=1"] * 3, "signs of life")
    manager.socket.settimeout(10)
    for reload in (manager.daemon.hang_up, lambda: subprocess.run([program("signet"), "reload", "--socket", manager.control], check=True)):
        reload()
        expect_equal(manager.hear_news(), "RELOADING=1", "the beginning of a reload")
        ended = manager.hear_news()
        expect(ended.startswith("READY=1\nSTATUS=reloaded: "), ended)
    manager.daemon.terminate()
    last = manager.hear_news()
    expect(last.startswith("STOPPING=1\n"), last)
    expect_equal(manager.daemon.wait(), 0, "exit status")


@suite.case(f"its unit leaves it an exposure of {MOST_EXPOSURE} at most, as systemd-analyze counts it")
def exposure(_):
    if not shutil.which("systemd-analyze"):
        print("    not looked at: systemd-analyze is not installed")
        return
    command = ["systemd-analyze", "security", "--offline=true", "--no-pager", str(UNIT)]
    said = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    found = re.search(r"Overall exposure level for signet.service: ([\d.]+)", said)
    expect(found and float(found[1]) <= MOST_EXPOSURE, said)
    print(f"    {found[1]}")


if __name__ == "__main__":
    suite.main(ServiceManager, needs_root=False)
