"""The table of dkim_peers_test.py as a page of Markdown."""

from peers.dkim_differences import DIFFERENCES
from peers.dkim_shapes import SHAPES

SIDES = ("verify", "sign")
OPENING = """# DKIM beside other implementations

Made by `tests/e2e/dkim_peers_test.py --table docs/interop-dkim.md`, which as a test holds it true; do not edit. Each cell
counts the cases in which both sides agree: four canonicalization pairs times the kinds of key the peer knows (RSA 2048 and
Ed25519; Mail::DKIM of Debian 12 has RSA only). *verifies*: what Signet signs, the peer verifies. *signs*: what the
peer signs, Signet verifies. A letter says why fewer agree.
"""


def render(cells, peers):
    """cells: (shape, peer, side) -> list of (outcome, difference)."""
    head = [f"{peer} {side}" for peer in peers for side in ("verifies", "signs")]
    lines = [OPENING, f"| shape | {' | '.join(head)} |", "|---" * (len(head) + 1) + "|"]
    for shape in SHAPES:
        row = [cell(cells[shape.name, peer, side]) for peer in peers for side in SIDES]
        lines.append(f"| {shape.name} | {' | '.join(row)} |")
    lines.append("\n## Differences\n\nIn all of them the cited text is on Signet's side.\n")
    lines += [f"- **{letter(one)}** {one.peer} {one.reason}." for one in DIFFERENCES]
    return "\n".join(lines) + "\n"


def cell(outcomes):
    agreed = sum(outcome == "pass" for outcome, _ in outcomes)
    letters = sorted({letter(difference) for outcome, difference in outcomes if outcome != "pass" and difference})
    return f"{agreed}/{len(outcomes)} {''.join(letters)}".strip()


def letter(difference):
    return chr(ord("a") + DIFFERENCES.index(difference))
