#!/usr/bin/python3
"""Instructions and allocations per message, beside those of the kept baseline.

usage: count.py [--kinds A,B] [--save] [--profile KIND [--inside FUNCTION]] [--program PATH]

Counted by callgrind in message_work (build it with the preset release): the milter session and all below it, with a warm
cache, without libmilter and the log's writing. "ours" is signetd's code with the C and C++ libraries; "libcrypto" is
OpenSSL, which under valgrind takes other code than on the machine itself: valgrind's processor has no SHA instructions and no
AVX-512. So that column says how much is hashed and multiplied, not what it costs. Both are the same on every machine with AVX2
and the same packages, but for a few instructions (OpenSSL blinds RSA with random numbers).
"""

import argparse
import json
import os
import subprocess
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import callgrind

HERE = Path(__file__).resolve().parent
BASELINE = HERE / "baseline.json"
COUNTED = "counted_messages"
COLUMNS = ("ours", "libcrypto", "allocations", "libcrypto_allocations")
PROFILE_LINES = 25
CALLERS = 8  # of malloc, told apart


def is_crypto(library):
    return library.startswith("libcrypto.")


def is_ours(library):
    return not is_crypto(library)


def measure(program, kind):
    """{column: per message}."""
    output, counts = callgrind.count([program, kind], COUNTED)
    messages = int(output.split()[1])  # "KIND MESSAGES messages as expected"
    found = {
        "ours": counts.instructions(is_ours),
        "libcrypto": counts.instructions(is_crypto),
        "allocations": counts.allocations(is_ours),
        "libcrypto_allocations": counts.allocations(is_crypto),
    }
    return {column: round(total / messages) for column, total in found.items()}


def change(now, before):
    return "new" if before is None else "=" if now == before else f"{100 * (now - before) / before:+.1f}%" if before else "more"


def print_table(results, baseline):
    heads = ("kind", "ours", "change", "libcrypto", "change", "allocations", "change", "libcrypto's", "change")
    print("{:<20} {:>12} {:>8} {:>12} {:>8} {:>11} {:>8} {:>11} {:>8}".format(*heads))
    for kind, found in results.items():
        line = f"{kind:<20}"
        for column in COLUMNS:
            width = 12 if column in ("ours", "libcrypto") else 11
            line += f" {found[column]:>{width},} {change(found[column], baseline.get(kind, {}).get(column)):>8}"
        print(line)


def shorten(name, width=100):
    """Without the arguments of functions and templates."""
    out, depth = "", 0
    for char in name.replace("(anonymous namespace)", "anonymous").replace("operator()", "lambda"):
        depth -= char in ")>"
        out += "" if depth or char in "()<>" else char
        depth += char in "(<"
    return out[:width]


def print_functions(title, counts, messages, whole):
    print(f"\n{title}")
    for (library, name), instructions in counts.most_common(PROFILE_LINES):
        print(f"{instructions / messages:>14,.0f} {100 * instructions / whole:>5.1f}%  {library:<22} {shorten(name)}")


def is_library_name(name):
    """Of functions between malloc and the one whose idea the memory was."""
    return name.startswith(("std::", "void std::", "operator new", "malloc", "CRYPTO_", "__", "fmt::", "void fmt::", "0x"))


def allocating_functions(program, kind):
    """Counter of {function: allocations}: the nearest caller that belongs to no general library."""
    _, counts = callgrind.count([program, kind], COUNTED, f"--separate-callers{CALLERS}=malloc")
    found = Counter()
    for (_, (_, callee)), calls in counts.calls.items():
        chain = callee.split("'")
        if chain[0] in callgrind.ALLOCATORS:
            named = [name for name in chain[1:] if not is_library_name(name)]
            found[named[0] if named else "unknown"] += calls
    return found


def print_profile(program, kind, inside):
    output, counts = callgrind.count([program, kind], COUNTED)
    messages, whole = int(output.split()[1]), counts.instructions()
    if inside:
        print_functions(f"{kind}: {inside}, itself and what it calls", counts.inside(inside), messages, whole)
        return
    print(f"{kind}: {whole / messages:,.0f} instructions and {counts.allocations() / messages:,.1f} allocations per message")
    print_functions("in the function itself", counts.own, messages, whole)
    print_functions("with all that it calls", counts.inclusive(), messages, whole)
    print("\nallocations, by the function that wanted them")
    for name, calls in allocating_functions(program, kind).most_common(PROFILE_LINES):
        print(f"{calls / messages:>14,.1f}  {shorten(name)}")


def count_all(program, wanted):
    listed = subprocess.run([program, "--list"], stdout=subprocess.PIPE, text=True, check=True).stdout.split()
    unknown = set(wanted) - set(listed)
    if unknown:
        raise SystemExit(f"found {', '.join(sorted(unknown))}, expected kinds of {', '.join(listed)}")
    chosen = [kind for kind in listed if not wanted or kind in wanted]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return dict(zip(chosen, pool.map(lambda kind: measure(program, kind), chosen)))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kinds", default="", help="only these, joined by commas")
    parser.add_argument("--save", action="store_true", help="make what was found the baseline")
    parser.add_argument("--profile", metavar="KIND", help="instead: the functions that cost most in this kind, and who allocates")
    parser.add_argument("--inside", metavar="FUNCTION", help="of the profile: what functions with this in their names call")
    parser.add_argument("--program", default=HERE.parents[1] / "build/release/bench/instructions/message_work")
    arguments = parser.parse_args()
    program = str(arguments.program)
    if arguments.profile:
        print_profile(program, arguments.profile, arguments.inside)
        return
    baseline = json.loads(BASELINE.read_text(encoding="utf-8")) if BASELINE.exists() else {}
    results = count_all(program, [kind for kind in arguments.kinds.split(",") if kind])
    print_table(results, baseline)
    if arguments.save:
        BASELINE.write_text(json.dumps({**baseline, **results}, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
