"""Where things are, free ports, and the promise that nothing we start outlives us."""

import atexit
import os
import shutil
import signal
import socket
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
SKIPPED = 77  # ctest's SKIP_RETURN_CODE
TIED = ["setpriv", "--pdeathsig", "TERM", "--"]  # before a command: it is told to end should we be killed


def program(name):
    """The path of one of our programs, from the build folder that SIGNET_BUILD names (build/dev unless told)."""
    path = Path(os.environ.get("SIGNET_BUILD", ROOT / "build" / "dev")).resolve() / name
    if not path.exists():
        raise SystemExit(f"{path} is not there: build first (scripts/test does)")
    return str(path)


def require_root():
    """Postfix changes users for each of its parts, so it only starts as root."""
    if os.geteuid() != 0:
        print("skipped: a private Postfix can only be started by root")
        sys.exit(SKIPPED)


# Before a command that only knows /etc/resolv.conf: it sees the file that is named next there, and nobody else does.
OWN_RESOLV_CONF = ["unshare", "--mount", "sh", "-c", 'mount --bind "$0" /etc/resolv.conf && exec "$@"']

_given_ports = set()


def free_port():
    """A loopback port nobody listens on just now, and never one that was given out before."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        if port not in _given_ports:
            _given_ports.add(port)
            return port


def temporary_folder():
    """A folder that Postfix's and other unprivileged users may pass through; gone at exit, unless SIGNET_KEEP is set."""
    folder = Path(tempfile.mkdtemp(prefix="signet-e2e-"))
    folder.chmod(0o755)
    if "SIGNET_KEEP" in os.environ:
        print(f"kept: {folder}")
    else:
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def exit_on_signals():
    """Makes being told to stop an ordinary exit, so that `with` blocks and atexit still clean up."""
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(128 + number))


def wait_until(condition, what, timeout=20.0):
    """Polls until condition() is true and gives its value; a timeout is a failure that says what was missing."""
    deadline = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"after {timeout:.0f} s still waiting for {what}")
        time.sleep(0.02)


def is_answering(port):
    """Whether something accepts connections there."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0
