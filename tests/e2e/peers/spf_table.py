"""What spf_peers_test.py found, as a page of Markdown."""

import collections

from peers.spf_differences import DIFFERENCES

OPENING = """# SPF beside other implementations

Made by `tests/e2e/spf_peers_test.py --table docs/interop-spf.md`, which as a test holds it true; do not edit. {cases} checks
of generated records (seed `{seed}`), compared by result and, for a fail, by the text of `exp=`. Each difference was
shown to be one: without the feature it names, both agree.

Our results: {results}.

| peer | agrees | differs, explained | unexplained |
|---|---|---|---|
"""


def render(options, ours, found, causes):
    results = collections.Counter(answer.result for answer in ours)
    shown = ", ".join(f"{count} {result}" for result, count in results.most_common())
    lines = [OPENING.format(cases=options.cases, seed=options.seed, results=shown).rstrip("\n")]
    for peer, disagreements in found.items():
        explained = sum(bool(one.causes) for one in disagreements)
        lines.append(f"| {peer} | {len(ours) - len(disagreements)} | {explained} | {len(disagreements) - explained} |")
    for peer in found:
        lines.append(f"\n## {peer}\n")
        lines += [f"- {causes[one]} ×: {one.reason}." for one in DIFFERENCES if one.peer == peer]
    return "\n".join(lines) + "\n"
