"""Runs the cases of one file against one World and prints a line for each."""

import sys
import time
import traceback

from harness.system import require_root


class Suite:
    """Cases are functions of the world, registered with a sentence that is true when they pass."""

    def __init__(self):
        self._cases = []

    def case(self, sentence):
        """Decorator: one case."""
        return self.table([(sentence,)])

    def table(self, rows):
        """Decorator: one case per row, (sentence, *arguments)."""

        def register(function):
            for sentence, *arguments in rows:
                self._cases.append((sentence, function, arguments))
            return function

        return register

    def main(self, make_world, needs_root=True):
        """Runs all cases, or those whose sentence contains the command line's words; exits with the verdict."""
        if needs_root:
            require_root()
        words = " ".join(sys.argv[1:])
        with make_world() as world:
            failed = sum(not self._run(world, *case) for case in self._cases if words in case[0])
        print(f"{failed} failed" if failed else "all passed")
        sys.exit(1 if failed else 0)

    @staticmethod
    def _run(world, sentence, function, arguments):
        start = time.monotonic()
        try:
            function(world, *arguments)
        except Exception as error:  # pylint: disable=broad-except  # a case may fail in any way; the next one still runs
            print(f"FAILED  {sentence}\n        {type(error).__name__}: {error}", flush=True)
            if not isinstance(error, AssertionError):
                traceback.print_exc(file=sys.stdout)
            return False
        print(f"ok  {time.monotonic() - start:5.1f} s  {sentence}", flush=True)
        return True


def expect(condition, outcome):
    """Fails with a description of what was found."""
    if not condition:
        raise AssertionError(str(outcome))


def expect_equal(found, wanted, what):
    if found != wanted:
        raise AssertionError(f"{what}: found {found!r}, expected {wanted!r}")
