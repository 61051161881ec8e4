"""What a process uses of the machine, from /proc."""

import os


class Usage:
    def __init__(self, pid):
        self._folder = f"/proc/{pid}"

    def resident_octets(self):
        with open(f"{self._folder}/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def descriptors(self):
        return len(os.listdir(f"{self._folder}/fd"))

    def cpu_seconds(self):
        with open(f"{self._folder}/stat", encoding="ascii") as file:
            fields = file.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def is_sanitized(self):
        """Whether it was built with a sanitizer, which keeps what is freed: then its size says nothing."""
        with open(f"{self._folder}/maps", encoding="utf-8") as file:
            maps = file.read()
        return any(name in maps for name in ("libasan.", "libtsan."))
