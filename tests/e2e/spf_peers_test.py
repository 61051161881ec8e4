#!/usr/bin/python3
"""Our check_host() beside python3-spf and Mail::SPF on generated records. What comes out otherwise must be explained by
a difference listed in peers/spf_differences.py, and shown to be: without the feature all agree.

usage: spf_peers_test.py [--cases N] [--seed TEXT] [--table FILE]
"""

import argparse
import collections
import sys
from pathlib import Path

from harness.system import ROOT, SKIPPED, temporary_folder
from peers import spf_desks, spf_table
from peers.spf_cases import answer_half, make_cases
from peers.spf_differences import DIFFERENCES, present_in, taken_out

DEFAULT_CASES = 3000
DEFAULT_SEED = "signet"
SHOWN = 20  # unexplained cases that are printed whole
KEPT_TABLE = ROOT / "docs" / "interop-spf.md"


def ask_peer(peer, cases):
    if peer == "python3-spf":
        return spf_desks.check_with_pyspf(cases)
    return spf_desks.check_with_mail_spf(cases, temporary_folder())


def is_same(ours, theirs):
    """The explanations' case aside: nibbles of %{i} have none."""
    is_explained_alike = ours.result != "fail" or ours.explanation.lower() == theirs.explanation.lower()
    return ours.result == theirs.result and is_explained_alike


class Disagreement:
    """A case that a peer sees otherwise. `causes` stays empty until it is explained."""

    def __init__(self, case, ours, theirs, peer):
        self.case, self.ours, self.theirs, self.peer = case, ours, theirs, peer
        self.present = present_in(case, peer)
        self.causes = ()

    def __str__(self):
        return f"{self.peer} says {self.theirs}\nwe say {self.ours}\n{self.case.describe()}"


def explain(disagreements, peer, choose):
    """Asks both again, without the features that choose(disagreement) gives; agreement explains."""
    chosen = [(one, choose(one)) for one in disagreements if not one.causes]
    chosen = [(one, causes) for one, causes in chosen if causes]
    cases = [taken_out(one.case, causes) for one, causes in chosen]
    ours = spf_desks.check_ourselves(cases, temporary_folder())
    for (one, causes), mine, theirs in zip(chosen, ours, ask_peer(peer, cases)):
        if is_same(mine, theirs):
            one.causes = tuple(causes)


def compare(peer, cases, ours):
    """All disagreements with a peer, explained as far as they can be: by one feature, or by all that are there."""
    theirs = ask_peer(peer, cases)
    found = [Disagreement(*row, peer) for row in zip(cases, ours, theirs) if not is_same(*row[1:])]
    for difference in DIFFERENCES:
        if difference.peer == peer:
            explain(found, peer, lambda one, wanted=difference: [wanted] if wanted in one.present else [])
    explain(found, peer, lambda one: one.present)
    return found


def faults_of(found):
    unexplained = [str(one) for one in found if not one.causes]
    faults = unexplained[:SHOWN]
    if len(unexplained) > SHOWN:
        faults.append(f"and {len(unexplained) - SHOWN} more")
    return faults


def never_seen(causes, peers):
    """What nothing shows any more has no business in the list."""
    return [f"no case shows that {one.peer} {one.reason}" for one in DIFFERENCES if one.peer in peers and not causes[one]]


def stale_table(text):
    kept = KEPT_TABLE.read_text() if KEPT_TABLE.exists() else ""
    return [] if kept == text else [f"{KEPT_TABLE.relative_to(ROOT)} is not what was found: write it with --table"]


def parse_arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--cases", type=int, default=DEFAULT_CASES)
    parser.add_argument("--seed", default=DEFAULT_SEED)
    parser.add_argument("--table", type=Path)
    return parser.parse_args()


def main():
    options = parse_arguments()
    missing = spf_desks.missing_peers()
    peers = [peer for peer in ("python3-spf", "Mail::SPF") if peer not in missing]
    cases = make_cases(options.cases, options.seed)
    if "python3-spf" in peers:
        answer_half(cases, spf_desks.world_once_asked(cases), options.seed)
    ours = spf_desks.check_ourselves(cases, temporary_folder())
    found = {peer: compare(peer, cases, ours) for peer in peers}
    causes = collections.Counter(cause for one in sum(found.values(), []) for cause in one.causes)
    text = spf_table.render(options, ours, found, causes)
    print(text)
    faults = [fault for peer in peers for fault in faults_of(found[peer])]
    if options.table:
        options.table.write_text(text)
    elif not missing and (options.cases, options.seed) == (DEFAULT_CASES, DEFAULT_SEED):
        faults += never_seen(causes, peers) + stale_table(text)
    print("\n\n".join(faults) or "every difference is explained")
    if missing:
        print(f"skipped, not installed: {', '.join(missing)}")
    sys.exit(1 if faults else SKIPPED if missing else 0)


if __name__ == "__main__":
    main()
