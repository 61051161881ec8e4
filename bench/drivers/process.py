"""A program under test as a child process: started, watched from /proc, and stopped by its own pid."""

import atexit
import os
import subprocess
import time
from pathlib import Path

from harness.system import OWN_RESOLV_CONF, TIED, wait_until

CLOCK_OF_PROCESS = 2  # the kernel's CPUCLOCK_SCHED for a whole process; see clock_getcpuclockid(3)
KIB_PER_MIB = 1024


class Process:
    """`command` in a process group of its own; its output goes to a file."""

    def __init__(self, name, command, log, resolv_conf=None):
        self.name = name
        self._log = Path(log)
        around = [*OWN_RESOLV_CONF, str(resolv_conf)] if resolv_conf else []
        self._command = [*TIED, *around, *map(str, command)]
        self._process = None

    def start(self, is_ready):
        atexit.register(self.stop)
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(self._command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        wait_until(lambda: self._has_ended() or is_ready(), f"{self.name} to be ready", timeout=60)

    def stop(self):
        """Safe to repeat. At once, as libmilter takes seconds to end by itself; only who has children is asked."""
        if self._process is None or self._process.poll() is not None:
            return
        if len(self.pids()) == 1:
            self._process.kill()
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def cpu_seconds(self):
        """User and system time of the process, of those it has started and, once they have ended, still."""
        return sum(_cpu_of(pid) for pid in self.pids())

    def resident_mib(self):
        """Of several processes, what they share counts once."""
        pids = self.pids()
        of = _resident_kib if len(pids) == 1 else _proportional_kib
        return sum(map(of, pids)) / KIB_PER_MIB

    def pids(self):
        """The process and all below it."""
        parents = {int(pid): _parent(pid) for pid in os.listdir("/proc") if pid.isdigit()}
        found = [self._process.pid]
        for pid in found:
            found += [child for child, parent in parents.items() if parent == pid]
        return found

    def _has_ended(self):
        if self._process.poll() is None:
            return False
        raise AssertionError(f"{self.name} ended at once: {self._log.read_text(errors='replace')[-2000:]}")


def available_mib():
    """What the machine has left."""
    lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("MemAvailable:")) / KIB_PER_MIB


def _stat(pid):
    """The fields of /proc/PID/stat after the name; None once it has gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None


def _parent(pid):
    fields = _stat(pid)
    return int(fields[1]) if fields else 0


def _cpu_of(pid):
    fields = _stat(pid)
    if not fields:
        return 0.0
    of_ended_children = (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")
    return time.clock_gettime(~pid << 3 | CLOCK_OF_PROCESS) + of_ended_children


def _resident_kib(pid):
    return _memory_kib(pid, "Rss:")


def _proportional_kib(pid):
    return _memory_kib(pid, "Pss:")


def _memory_kib(pid, name):
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return next(int(line.split()[1]) for line in lines if line.startswith(name))
