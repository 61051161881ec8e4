"""Runs a program under callgrind and reads what it wrote: who executed how many instructions, who called whom."""

import re
import subprocess
import tempfile
from collections import Counter
from pathlib import Path

_NAMED = re.compile(r"(c?(?:ob|fn|fl|fi|fe))=\((\d+)\)(?: (.*))?$")
ALLOCATORS = {"malloc", "calloc", "realloc", "aligned_alloc", "memalign", "posix_memalign"}


class Counts:
    """Of one run. A function is (object, name): the base name of the library or program, and its C++ name."""

    def __init__(self, path):
        self.own = Counter()  # function → instructions in itself
        self.called = Counter()  # (caller, callee) → instructions in the callee and what it called for that caller
        self.calls = Counter()  # (caller, callee) → how often
        self._names = {}
        with open(path, encoding="utf-8") as file:
            self._read(file)

    def _name(self, table, number, text):
        if text is not None:
            self._names[table, number] = text
        return self._names.get((table, number), "?")

    def _read(self, lines):
        place = {}
        callee = None  # whose cost the next line is
        for line in lines:
            named = _NAMED.match(line)
            if named:
                key, number, text = named.groups()
                place[key] = self._name(key.lstrip("c")[:2], number, text)
                if key == "ob":
                    place["cob"] = place["ob"]
            elif line.startswith("calls="):
                callee = Path(place["cob"]).name, place["cfn"]
                self.calls[self._function(place), callee] += int(line[6:].split()[0])
                place["cob"] = place["ob"]
            elif line[0] in "+-*0123456789":
                self._add(self._function(place), callee, int(line.split()[1]))
                callee = None

    def _add(self, function, callee, instructions):
        if callee is None:
            self.own[function] += instructions
        else:
            self.called[function, callee] += instructions

    @staticmethod
    def _function(place):
        return Path(place["ob"]).name, place["fn"]

    def instructions(self, is_wanted=lambda library: True):
        """In itself, of all functions in the libraries that are wanted."""
        return sum(count for (library, _), count in self.own.items() if is_wanted(library))

    def allocations(self, is_wanted=lambda library: True):
        """Calls of the C library's allocators from the libraries that are wanted."""
        return sum(
            count
            for ((library, _), (_, callee)), count in self.calls.items()
            if is_wanted(library) and callee.partition("'")[0] in ALLOCATORS
        )

    def inclusive(self):
        """function → instructions in itself and in what it called; a recursive one counts more than once."""
        totals = Counter(self.own)
        for (caller, _), instructions in self.called.items():
            totals[caller] += instructions
        return totals

    def inside(self, text):
        """What the functions with this text in their names spend themselves, and in each function that they call."""
        totals = Counter()
        for function, instructions in self.own.items():
            if text in function[1]:
                totals[function] += instructions
        for (caller, callee), instructions in self.called.items():
            if text in caller[1]:
                totals[callee] += instructions
        return totals


def count(command, function, *options):
    """Runs the command, which calls `function` twice in a row; (its standard output, Counts of the second time).

    Calls, other than instructions, are counted outside the function, too: so what comes before the first time is in its counts.
    """
    with tempfile.TemporaryDirectory(prefix="signet-callgrind-") as folder:
        valgrind = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={folder}/counts", *options]
        valgrind += [f"--toggle-collect={function}", f"--dump-after={function}"]
        done = subprocess.run([*valgrind, *command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
        if done.returncode != 0:
            raise SystemExit(f"{' '.join(command)}: exit status {done.returncode}\n{done.stderr}")
        return done.stdout, Counts(f"{folder}/counts.2")
