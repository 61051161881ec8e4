"""What scripts/bench runs once all is built: see there for the options."""

import argparse
import os
import platform
import sys

from bench_dns import BenchDns, zone_text
from growth import GROWTHS
from harness.keys import make_key
from harness.system import exit_on_signals, temporary_folder
from load import WrongVerdict
from measure import Comparison
from program import SELECTOR, Site
from programs import PROGRAMS
from report import print_head, print_rows, write_json
from scale import SCALES
from works import WORKS


def main():
    exit_on_signals()
    arguments = read_arguments()
    folder = temporary_folder()
    key = make_key(folder, SELECTOR)
    site = Site(folder, BenchDns(folder, zone_text(key.record())), key)
    print(f"{platform.machine()}, {os.cpu_count()} processors, Linux {platform.release()}, {arguments.rounds} rounds")
    try:
        rows = grow(site, arguments) if arguments.growth else compare(site, arguments)
    finally:
        site.dns.stop()
    if arguments.json:
        write_json(arguments.json, rows)


def compare(site, arguments):
    programs = chosen(PROGRAMS, arguments.programs, "programs")

    def rows_of(work):
        return Comparison(site, work, programs, arguments.rounds, work.traffic(arguments.short)).rows()

    return print_all(chosen(WORKS, arguments.only, "works"), rows_of)


def grow(site, arguments):
    works = chosen(GROWTHS + SCALES, arguments.only, "works")
    return print_all(works, lambda work: work.rows(site, arguments.rounds, arguments.short))


def print_all(works, rows_of):
    """The rows of all works, printed as they come."""
    rows = []
    print_head()
    for work in works:
        more = rows_of(work)
        print_rows(more)
        rows += more
    return rows


def chosen(all_of_them, names, what):
    """Those with the names, in their own order."""
    known = [one.name for one in all_of_them]
    unknown = [name for name in names if name not in known]
    if unknown:
        sys.exit(f"no {', '.join(unknown)} among the {what}; there are: {', '.join(known)}")
    return [one for one in all_of_them if not names or one.name in names]


def read_arguments():
    def names(text):
        return [name for name in text.split(",") if name]

    parser = argparse.ArgumentParser(prog="scripts/bench")
    parser.add_argument("--short", action="store_true", help="fewer messages and rounds")
    parser.add_argument("--rounds", type=int, help="how often each work is measured (3, or 5)")
    parser.add_argument("--only", type=names, default=[], help="WORK[,WORK…]")
    parser.add_argument("--programs", type=names, default=[], help="PROGRAM[,PROGRAM…]; ratios are to the first of the table")
    parser.add_argument("--growth", action="store_true", help="what a message costs signetd as one thing grows")
    parser.add_argument("--json", help="a file for the same as data")
    arguments = parser.parse_args()
    arguments.rounds = arguments.rounds or (3 if arguments.short or arguments.growth else 5)
    return arguments


if __name__ == "__main__":
    try:
        main()
    except WrongVerdict as wrong:
        sys.exit(f"bench: {wrong}")
