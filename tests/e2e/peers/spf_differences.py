"""Where another check_host() is known to differ from ours, and why. A difference is a feature of records or of the zone:
`without` takes it out of a case. A case that comes out otherwise is explained when, without the feature, both agree."""

import dataclasses
import re
from dataclasses import dataclass
from typing import Callable

from peers.spf_cases import reverse_name

MX_LIMIT = 10
MACRO = re.compile(r"%\{([slodiphvcrt])(\d*)(r?)([-.+,/_=]*)\}", re.IGNORECASE)


@dataclass(frozen=True)
class Difference:
    """`without`: a case to the same case without the feature; the case itself where it has not got it."""

    peer: str
    reason: str
    without: Callable


def rewriting(pattern, replacement):
    """Takes a feature out of the texts of a case."""
    compiled = re.compile(pattern)

    def without(case):
        records = [
            (name, kind, compiled.sub(replacement, data) if kind == "TXT" else data) for name, kind, data in case.records
        ]
        return dataclasses.replace(case, records=records)

    return without


def without_malformed_macros(case):
    """A macro that the grammar does not have becomes one that it has."""

    def mend(found):
        macro = MACRO.fullmatch(found[0])
        return found[0] if macro and macro[2].strip("0") != "" or macro and not macro[2] else "%{d}"

    return rewriting(r"%\{[^}]*\}", mend)(case)


def without_late_errors(case):
    """Macros that cannot be expanded are no macros at all in a record, and right ones in an explanation."""
    records = rewriting(r"(?i)(?<=\S)%\{(?:[xzcrt]|\w0)[^}]*\}", "%")(case)
    return rewriting(r"(?<!\S)%(?![{%_-])", "%-")(records)


def with_useless_addresses(case, names):
    """These names have addresses that nobody has, and no failure."""
    records = [(name, kind, data) for name in sorted(names) for kind, data in (("A", "192.0.2.9"), ("AAAA", "2001:db9::9"))]
    failures = [failure for failure in case.failures if failure[0] not in names]
    return dataclasses.replace(case, failures=failures, records=case.records + records)


def targets_of(case, kind):
    return {data.split()[-1].rstrip(".") for _, found, data in case.records if found == kind} - {""}


def with_useless_pointer(case):
    """The client has a name, but not that one the client's address."""
    name = f"ptr.{case.domain}"
    records = [*case.records, (reverse_name(case.address), "PTR", name + ".")]
    return with_useless_addresses(dataclasses.replace(case, records=records), {name})


def without_failing_pointers(case):
    reverse = reverse_name(case.address)
    failures = [failure for failure in case.failures if failure[0] != reverse]
    if len(failures) == len(case.failures):
        return case
    return with_useless_pointer(dataclasses.replace(case, failures=failures))


def without_failing_exchanges(case):
    return with_useless_addresses(case, targets_of(case, "MX") & {name for name, _, _ in case.failures})


def without_secondary_voids(case):
    """Only the first question of a term can be void: what mx and ptr ask then has addresses, there are no aliases, and
    where %{p} asks for the client's names it has one."""
    records = [record for record in case.records if record[1] != "CNAME" and (record[1] != "MX" or not record[2].endswith(" ."))]
    case = dataclasses.replace(case, records=records)
    has_names = any(name == reverse_name(case.address) for name, _, _ in case.records + case.failures)
    if not has_names and any("%{p" in data.lower() for _, _, data in case.records):
        case = with_useless_pointer(case)
    kind = "A" if case.address.version == 4 else "AAAA"
    having = {name for name, found, _ in case.records + case.failures if found == kind}
    return with_useless_addresses(case, (targets_of(case, "MX") | targets_of(case, "PTR")) - having)


def without_surplus_exchanges(case):
    seen = {}
    records = []
    for name, kind, data in case.records:
        seen[name, kind] = seen.get((name, kind), 0) + 1
        if kind != "MX" or seen[name, kind] <= MX_LIMIT:
            records.append((name, kind, data))
    return dataclasses.replace(case, records=records)


def without_aliases(case):
    return dataclasses.replace(case, records=[record for record in case.records if record[1] != "CNAME"])


def without_ip6_for_ip4(case):
    return case if case.address.version == 6 else rewriting(r" [-+~?]?(?i:ip6):\S+", "")(case)


def without_empty_labels(case):
    mended = rewriting(r"(?<=:)\.|\.\.", "x.")(case)
    return dataclasses.replace(mended, sender=re.sub(r"([-.])\1", r"\1", case.sender))


def without_long_labels(case):
    mended = rewriting(r"([a-z])\1{63}", r"\1")(case)
    return dataclasses.replace(mended, sender=re.sub(r"a{64}", "a", case.sender))


def of_both(reason, without):
    return [Difference(peer, reason, without) for peer in ("python3-spf", "Mail::SPF")]


DIFFERENCES = [
    *of_both(
        "knows the transformer r in lower case only; text in ABNF has no case (RFC 5234 §2.3, RFC 7208 §7.1)",
        rewriting(r"%\{([a-zA-Z]\d*)R", r"%{\1r"),
    ),
    *of_both(
        "makes a temperror of a failing PTR question; RFC 7208 §5.5 says no match, and §7.3 that %{p} is unknown",
        without_failing_pointers,
    ),
    *of_both(
        "decides otherwise when the address of one exchange cannot be had and another one matches: one asks for all first, one"
        " takes them in the order received; we go by preference, and the first that matches or fails decides (RFC 7208 §5.4)",
        without_failing_exchanges,
    ),
    *of_both(
        "takes %%, %_ and %- for the end of a domain-spec, as the grammar does; we have no use for such a name, which RFC 7208 §4.8"
        " leaves to us, and refuse the record",
        rewriting(r"[:=]\S*%[%_-](?=[ /]|$)", ":x"),
    ),
    Difference(
        "python3-spf",
        "puts macro parts other than of %{l} and %{s} together with the delimiters that were there; RFC 7208 §7.3 has dots",
        rewriting(r"%\{([^lsLS]\d*[rR]?)[-.+,/_=]+\}", r"%{\1}"),
    ),
    Difference(
        "python3-spf",
        "takes %{c}, %{r} and %{t} in an unknown modifier for an error; RFC 7208 §6 ignores it if it is a macro-string",
        rewriting(r" (?!redirect=|exp=)[a-zA-Z][\w.-]*=\S*%\{[crtCRT]\S*", ""),
    ),
    Difference(
        "python3-spf",
        "takes a second modifier of an unknown name for an error; RFC 7208 §6 says that of redirect and exp only",
        rewriting(r" (?!(?:redirect|exp)=)[a-zA-Z][\w.-]*=\S*", ""),
    ),
    Difference(
        "python3-spf",
        "takes %{d0}, %{d2.r}, %{dr2} and %{l!}, which are not in the grammar (RFC 7208 §7.1)",
        without_malformed_macros,
    ),
    Difference("python3-spf", "takes exists without a domain-spec (RFC 7208 §5.7)", rewriting(r" [-+~?]?exists(?= |$)", "")),
    Difference("python3-spf", "takes control characters in a name; RFC 7208 §7.1 has visible ones", rewriting("\x7f", "x")),
    Difference("python3-spf", "takes %% at the end of a text for an error; RFC 7208 §7.1 has it", rewriting("%%", "%-")),
    Difference(
        "Mail::SPF",
        "does not split where there are delimiters, but neither digits nor r; RFC 7208 §7.3 splits",
        rewriting(r"%\{([a-zA-Z])[-.+,/_=]+\}", r"%{\1}"),
    ),
    Difference(
        "Mail::SPF",
        "makes a domain-spec lower case, and so loses the URL escapes that upper-case letters ask for (RFC 7208 §7.3)",
        rewriting(r"%\{([A-Z])", lambda found: found[0].lower()),
    ),
    Difference(
        "Mail::SPF",
        "finds out that a macro letter does not exist or does not belong there only when it expands it; RFC 7208 §4.6 wants"
        " syntax errors found first",
        without_late_errors,
    ),
    Difference(
        "Mail::SPF",
        "lets ip6 match an IPv4 client by its IPv4-mapped address; RFC 7208 §5 treats such clients as IPv4",
        without_ip6_for_ip4,
    ),
    Difference(
        "Mail::SPF",
        "dies of a name with an empty label; we neither ask for it nor match (RFC 7208 §4.8 leaves that open)",
        without_empty_labels,
    ),
    Difference(
        "Mail::SPF",
        "cuts labels to 63 octets and asks for them; RFC 7208 §7.3 takes whole labels off until the name is short enough, and a"
        " label that is too long makes no name",
        without_long_labels,
    ),
    Difference(
        "Mail::SPF", "uses the first 10 exchanges of more; RFC 7208 §4.6.4 has permerror for that", without_surplus_exchanges
    ),
    Difference(
        "Mail::SPF",
        "does not take an alias of nothing for a void lookup, as there is a record; RFC 7208 §4.6.4 has a Name Error void whatever"
        " came with it, and we count an alias of a name without such records, too",
        without_aliases,
    ),
    *of_both("counts every question that comes back void; RFC 7208 §4.6.4 counts terms", without_secondary_voids),
    *of_both(
        "counts a redirect that is not followed; RFC 7208 §4.6.4 counts what is evaluated, and §6.1 evaluates redirect only if"
        " nothing matched",
        rewriting(r"(?<=v=spf1 )(\S.*) redirect=\S+", r"\1"),
    ),
]


def present_in(case, peer):
    """The differences of this peer whose feature the case has."""
    return [one for one in DIFFERENCES if one.peer == peer and one.without(case) != case]


def taken_out(case, differences):
    for one in differences:
        case = one.without(case)
    return case
