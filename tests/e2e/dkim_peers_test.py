#!/usr/bin/python3
"""What we sign others verify, what others sign we verify: every shape, canonicalization and kind of key, in one table.

usage: dkim_peers_test.py [--table FILE]     write the table there instead of comparing it with the one kept in docs/
"""

import argparse
import collections
import itertools
import sys
from pathlib import Path

from harness.keys import make_key
from harness.system import ROOT, SKIPPED, temporary_folder
from harness.zone import DnsZone
from peers import dkim_desks, dkim_differences, dkim_table
from peers.dkim_desks import RSA_ONLY, Refused
from peers.dkim_differences import Row
from peers.dkim_shapes import SHAPES

DOMAIN = "strict.example"
FORMS = ("relaxed", "simple")
KEPT_TABLE = ROOT / "docs" / "interop-dkim.md"


class Desks:
    """Keys, their zone, ourselves and the peers."""

    def __init__(self):
        folder = temporary_folder()
        self.keys = [make_key(folder, "rsa"), make_key(folder, "ed", "ed25519")]
        zone = DnsZone()
        zone.add_sender(DOMAIN, keys=self.keys)
        self.ours = dkim_desks.open_ours(DOMAIN, zone.write(folder / "zone"), self.keys)
        self.peers, self.missing = dkim_desks.open_peers(folder, DOMAIN, zone, self.keys)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for desk in (self.ours, *self.peers.values()):
            desk.close()

    def rows(self):
        for shape, header_form, body_form, key in itertools.product(SHAPES, FORMS, FORMS, self.keys):
            yield Row(shape, header_form, body_form, key)


def outcome_of(verdict):
    """pass, fail or refused, of the topmost signature."""
    word = verdict.partition(",")[0].partition(":")[0]
    return word if word in ("pass", "refused") else "fail"


def sign(desk, row):
    return desk.sign(row.shape.octets, row.header_form, row.body_form, row.key) + row.shape.octets


def broken(message):
    """One octet more at the start of the body, which no canonicalization forgives."""
    header, _, body = message.partition(b"\r\n\r\n")
    return header + b"\r\n\r\n!" + body


class Comparison:
    """Fills the table and notes what is not as it should be."""

    def __init__(self, desks):
        self._desks = desks
        self.cells = collections.defaultdict(list)  # (shape, peer, side) -> (outcome, difference) of each pair and key
        self.faults = []

    def run(self):
        for row in self._desks.rows():
            signed = sign(self._desks.ours, row)
            self._expect(row, "we of ours", self._desks.ours.verify(signed), "pass")
            for name, peer in self._desks.peers.items():
                if row.key.algorithm == "rsa" or name not in RSA_ONLY:
                    self._peer_verifies(row, name, peer, signed)
                    self._peer_signs(row, name, peer)

    def _peer_verifies(self, row, name, peer, signed):
        self._record(row, name, "verify", peer.verify(signed))
        if row.header_form == row.body_form == "relaxed":
            self._expect(row, f"{name} of ours, changed", peer.verify(broken(signed)), "fail")

    def _peer_signs(self, row, name, peer):
        try:
            signed = sign(peer, row)
        except Refused as error:
            self._record(row, name, "sign", f"refused: {error}")
            return
        self._record(row, name, "sign", self._desks.ours.verify(signed))
        self._expect(row, f"we of {name}'s, changed", self._desks.ours.verify(broken(signed)), "fail")
        self._expect(row, f"{name} of its own", peer.verify(signed), "pass")

    def _record(self, row, name, side, verdict):
        difference = dkim_differences.find(name, row)
        self._expect(row, f"{name}, {side}", verdict, difference.outcome(side) if difference else "pass")
        self.cells[row.shape.name, name, side].append((outcome_of(verdict), difference))

    def _expect(self, row, who, verdict, wanted):
        if outcome_of(verdict) != wanted:
            self.faults.append(f"{row}: {who}: {verdict}, expected {wanted}")


def print_counts(cells):
    counts = collections.Counter()
    for (_, peer, side), outcomes in cells.items():
        for outcome, _ in outcomes:
            counts[peer, side, outcome] += 1
    for (peer, side, outcome), count in sorted(counts.items()):
        print(f"{peer:14}{'verifies ours' if side == 'verify' else 'signs for us':15}{outcome:9}{count:5}")


def stale_table(text):
    """Why the kept table is not this one."""
    kept = KEPT_TABLE.read_text() if KEPT_TABLE.exists() else ""
    return [] if kept == text else [f"{KEPT_TABLE.relative_to(ROOT)} is not what was found: write it with --table"]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--table", type=Path)
    options = parser.parse_args()
    with Desks() as desks:
        comparison = Comparison(desks)
        comparison.run()
    print_counts(comparison.cells)
    text = dkim_table.render(comparison.cells, list(desks.peers))
    if options.table:
        options.table.write_text(text)
    elif not desks.missing:
        comparison.faults += stale_table(text)
    print("\n".join(comparison.faults) or "all as expected")
    if desks.missing:
        print(f"skipped, not installed: {', '.join(desks.missing)}")
    sys.exit(1 if comparison.faults else SKIPPED if desks.missing else 0)


if __name__ == "__main__":
    main()
