"""Generated SPF checks: records, the zone around them, and who asks. The same seed gives the same cases."""

import ipaddress
import random
from dataclasses import dataclass, field

RECEIVER = "mx.receiver.test"
LOCAL_PARTS = ["ann", "ann", "strong-bad", "a.b.c", "x+y-z", "o'neil", "A=b_c/d", '"quoted"', "x--y..z", "a" * 64]
QUALIFIERS = ["", "", "+", "-", "~", "?"]
LETTERS = "slodiphvSLODIPHV"
TEXT_LETTERS = LETTERS + "crCR"
MADE_UP = {"A": ["127.0.0.2"], "TXT": ["v=spf1 +all", "v=spf1 a:%{o} ?all", "v=spf1 exists:x.%{d} -all"]}
BAD_TERMS = [
    "foo", "a:", "mx:", "include", "include:", "exists", "exists ?all", "exists:", "all:x.test", "all/8", "ptr/24", "ptr:", "-", "+", "--all",
    "ip4", "ip4:", "ip4:1.2.3", "ip4:1.2.3.4.5", "ip4:1.2.3.256", "ip4:1.2.3.4/33", "ip4:1.2.3.4/08", "ip4:1.2.3.4/",
    "ip4:01.2.3.4", "ip4:::1", "ip4:1.2.3.4//32", "ip6", "ip6:", "ip6:1.2.3.4", "ip6:2001:db8::/129", "ip6:2001:db8::/-1",
    "ip6:2001:db8:::1", "ip6:g::1", "ip6:::1.2.3.4/064", "ip6:::/", "a/33", "a//129", "a/24/64", "a/-1", "a/024", "a/", "a//",
    "mx//0128", "a:h0.%{d}/33", "exists:%{x}.%{d}", "exists:%{d0}", "exists:%{d", "exists:%d", "exists:%(d)", "exists:%{i}.%",
    "exists:%{dR2}", "exists:%{d2.r}", "exists:%{c}.%{d}", "exists:%{t}.x.test", "exists:%{r}.x.test", "include:x.test/24",
    "redirect=", "redirect:x.test", "exp=", "exp:x.test", "redirect=x", "a:x", "include:localhost", "a:1.2.3.4", "mx:x.123",
    "a:x.-y", "a:x.y-", "redirect=x.test/24", "foo=%{x}", "foo=%", "=x", "1foo=x", "a=b:c%", "default=", "v=spf1", "ip:1.2.3.4",
    "a,", "all.", "include.x", "a:x..test", "a:.test", "exists:%{l!}.x.test", "a:\x7f.test", "a:x.test\x01", "gr\xfc\xdf",
]  # fmt: skip
ODD_GOOD_TERMS = [
    "foo=bar", "foo=bar foo=baz", "foo=", "foo.bar-baz_9=%{l}%%%_%-", "op=dk", "moo=%{d}/%{c}", "A", "MX", "?ALL", "Ip4:192.0.2.1", "+A/0", "a//0",
    "a/0//0", "mx/32//128", "ip4:0.0.0.0/0", "ip6:::/0", "ip6:::ffff:0:0/96", "ip6:::ffff:10.0.0.0/104", "ip6:::10.0.0.0/1",
    "ip4:10.0.0.0/8", "ip6:2001:db8::/32", "ip6:2001:DB8::1", "ip6:1:2:3:4:5:6:7:8", "ip6:1:2:3:4:5:6:1.2.3.4/128",
    "a:h0.%{d}.", "a:%{d}.", "exists:%{d}", "exists:%{l}.%{d}", "a:x--y.test", "a:_x.test", "a:1.test", "a:h0.%{d}/0",
    "exists:%%.%{d}", "exists:%-.%{d}", "exists:a/b.%{d}", "exists:a:b.%{d}", "exists:%{d2}.%{d}", "exists:x%-", "a:x%%/24", "exists:%_", "mx:%{o}/24//64", "a:%{o}",
]  # fmt: skip


@dataclass
class Case:
    """One check. `records` and `failures` are this case's part of the zone; no other case shares a name with it."""

    number: int
    client: str
    helo: str
    sender: str
    records: list = field(default_factory=list)  # (name, type, data)
    failures: list = field(default_factory=list)  # (name, type, how)

    @property
    def domain(self):
        return f"c{self.number}.test"

    @property
    def spf_texts(self):
        return [data for _, kind, data in self.records if kind == "TXT" and data.lower().startswith("v=spf1")]

    @property
    def address(self):
        """The client's, IPv4 where it is IPv4 in IPv6 clothes."""
        address = ipaddress.ip_address(self.client)
        return getattr(address, "ipv4_mapped", None) or address

    def describe(self):
        lines = [f"client {self.client} helo {self.helo} sender {self.sender or '<>'}"]
        lines += [f"    {name} {kind} {data!r}" for name, kind, data in self.records]
        lines += [f"    $FAIL {name} {kind} {how}" for name, kind, how in self.failures]
        return "\n".join(lines)


def make_cases(count, seed):
    return [CaseMaker(random.Random(f"{seed}/{number}"), number).make() for number in range(count)]


class CaseMaker:
    """Makes one case. Choices lean towards what matches, and towards the edges of limits."""

    def __init__(self, rng, number):
        self._rng = rng
        client = self._client(number)
        helo = rng.choice([f"c{number}.test"] * 4 + [f"mail.c{number}.test", f"h0.c{number}.test", "[10.0.0.1]", "localhost"])
        sender = "" if rng.random() < 0.1 else f"{rng.choice(LOCAL_PARTS)}@c{number}.test"
        self._case = Case(number, client, helo, sender)
        self._hosts = 0
        self._policies = 0

    def make(self):
        case = self._case
        kinds = [
            (self._ordinary, 50), (self._with_error, 14), (self._many_terms, 7), (self._voids, 7), (self._mx_crowd, 5),
            (self._ptr_crowd, 6), (self._chain, 7), (self._selection, 4), (self._explained, 14), (self._long_names, 8),
        ]  # fmt: skip
        maker = self._rng.choices([kind for kind, _ in kinds], [weight for _, weight in kinds])[0]
        maker(case.domain)
        self._add_pointers()
        if self._rng.random() < 0.3:
            self._add(f"mail.{case.domain}", "TXT", "v=spf1 a -all")
        return case

    # ---- kinds of records

    def _ordinary(self, name):
        self._publish(name, [self._term() for _ in range(self._rng.randint(0, 5))] + self._ending())

    def _with_error(self, name):
        terms = [self._term() for _ in range(self._rng.randint(0, 3))] + self._ending()
        terms.insert(self._rng.randint(0, len(terms)), self._rng.choice(["", "", "", "-"]) + self._rng.choice(BAD_TERMS))
        self._publish(name, terms)

    def _many_terms(self, name):
        terms = [self._lookup_term(is_hit=False) for _ in range(self._rng.randint(8, 12))]
        self._publish(name, terms + self._ending())

    def _voids(self, name):
        terms = [f"{self._rng.choice(['a', 'mx', 'exists'])}:{self._void_name()}" for _ in range(self._rng.randint(1, 4))]
        terms += [self._term() for _ in range(self._rng.randint(0, 2))]
        self._rng.shuffle(terms)
        self._publish(name, terms + self._ending())

    def _mx_crowd(self, name):
        self._publish(name, ["mx" + self._prefixes()] + self._ending())
        exchanges = [self._host(is_hit=self._rng.random() < 0.1) for _ in range(self._rng.choice([0, 1, 9, 10, 10, 11, 12]))]
        for exchange in exchanges:
            self._add(name, "MX", f"{self._rng.randint(0, 9)} {exchange}.")

    def _ptr_crowd(self, name):
        self._publish(name, [self._rng.choice(["ptr", "ptr", f"ptr:{name}", "ptr:%{d1}", "exists:%{p}.p.%{d}"])] + self._ending())
        names = [self._host(is_hit=self._rng.random() < 0.2) for _ in range(self._rng.choice([1, 9, 10, 11, 12]))]
        for pointed_at in names:
            self._add(reverse_name(self._case.address), "PTR", pointed_at + ".")

    def _chain(self, name):
        """Records that lead to each other, as far as the limit of terms or in a circle."""
        length = self._rng.choice([1, 2, 8, 9, 10, 11])
        links = [name] + [self._policy_name() for _ in range(length)]
        for link, following in zip(links, links[1:]):
            if self._rng.random() < 0.5:
                terms = [f"redirect={following}"]
            else:
                terms = [self._rng.choice(QUALIFIERS) + f"include:{following}", *self._ending()]
            self._publish(link, ([self._term(may_nest=False)] if length < 3 else []) + terms)
        if self._rng.random() < 0.3:
            self._publish(links[-1], [f"include:{self._rng.choice(links)}", "-all"])
        else:
            self._ordinary(links[-1])

    def _selection(self, name):
        """Which TXT record is the one."""
        odd = ["v=spf10 -all", "v=spf1-all", "v=spf1\t-all", " v=spf1 -all", "spf2.0/mfrom -all", "v=DMARC1; p=none", "", "v=spf1"]
        odd += ["V=SPF1 -all", "v=spf1  a  -all  ", "v=spf1 -all", "v=spf1 ?all", "v=spf1 \xfc", "\xfc\xff"]
        for text in self._rng.sample(odd, self._rng.randint(1, 3)):
            self._add(name, "TXT", text)

    def _explained(self, name):
        """Fails, and says why with macros: their expansion is compared."""
        self._publish(name, [self._rng.choice(["-all", "-a", "-include:%{d}", "-ip4:0.0.0.0/0"]), f"exp=why.{name}", "-all"])
        for _ in range(self._rng.choice([0, 1, 1, 1, 1, 1, 2])):
            self._add(f"why.{name}", "TXT", " ".join(self._text_macro() for _ in range(self._rng.randint(1, 5))))

    def _long_names(self, name):
        """Expansions around the 253 octets of a name and the 63 of a label."""
        spec = "%{d}." * self._rng.randint(5, 40) + "%{d}"
        octets = self._rng.choice([60, 63, 64, 64])
        labels = [letter * octets for letter in "xyz"]
        endings = self._rng.choice([[spec], [f"{label}.%{{d}}" for label in labels], [f"{labels[0]}.{spec}"]])
        self._publish(name, [f"exists:{one}" for one in endings] + self._ending())

    # ---- terms

    def _term(self, may_nest=True):
        pick = self._rng.random()
        if pick < 0.12:
            return self._rng.choice(ODD_GOOD_TERMS)
        if pick < 0.4:
            return self._rng.choice(QUALIFIERS) + self._network()
        return self._lookup_term(is_hit=self._rng.random() < 0.3, may_nest=may_nest)

    def _lookup_term(self, is_hit, may_nest=True):
        kinds = ["a", "a", "mx", "ptr", "exists", "exists"] + ["include"] * (2 if may_nest and self._policies < 4 else 0)
        kind = self._rng.choice(kinds)
        return self._rng.choice(QUALIFIERS) + getattr(self, f"_{kind}")(is_hit)

    def _a(self, is_hit):
        if self._rng.random() < 0.2:
            self._add_address(self._case.domain, is_hit)
            return "a" + self._prefixes()
        return f"a:{self._target(is_hit)}{self._prefixes()}"

    def _mx(self, is_hit):
        name = self._case.domain if self._rng.random() < 0.3 else self._host_name()
        for _ in range(self._rng.choice([0, 1, 2, 3, 4])):
            exchange = "." if self._rng.random() < 0.05 else self._target(is_hit and self._rng.random() < 0.7, plain=True) + "."
            self._add(name, "MX", f"{self._rng.choice([0, 10, 10, 20])} {exchange}")
        self._maybe_fail(name, "MX")
        return ("mx" if name == self._case.domain else f"mx:{name}") + self._prefixes()

    def _ptr(self, _):
        return self._rng.choice(["ptr", f"ptr:{self._case.domain}", "ptr:%{d1}", "ptr:other.test", "ptr:%{d}", "ptr:%{h}"])

    def _exists(self, is_hit):
        if self._rng.random() < 0.6:
            return f"exists:{self._macro_name()}"
        return f"exists:{self._target(is_hit)}"

    def _include(self, _):
        pick = self._rng.random()
        if pick < 0.15:
            return f"include:{self._void_name()}"
        if pick < 0.3:
            return "include:" + self._rng.choice(["%{i}._ip.%{h}._ehlo.%{d}", "%{l}.%{v}.%{d}", self._macro_name()])
        name = self._policy_name()
        self._ordinary(name)
        self._maybe_fail(name, "TXT")
        return f"include:{name}"

    def _network(self):
        """ip4 or ip6 with an address that shares more or fewer bits with the client's than the prefix says."""
        address, bits = self._near()
        prefix = max(0, min(address.max_prefixlen, bits + self._rng.choice([-1, 0, 0, 0, 1])))
        text = f"ip{address.version}:{address}"
        return text if prefix == address.max_prefixlen and self._rng.random() < 0.5 else f"{text}/{prefix}"

    def _ending(self):
        pick = self._rng.random()
        if pick < 0.6:
            return [self._rng.choice(["-", "-", "~", "?", "+", ""]) + "all"]
        if pick < 0.8:
            return []
        if pick < 0.85 or self._policies >= 4:
            return [f"redirect={self._void_name()}"]
        name = self._policy_name()
        self._ordinary(name)
        return [f"redirect={name}"]

    def _prefixes(self):
        four = self._rng.choice(["", "", "", "/32", "/31", "/24", "/8", "/0"])
        return four + self._rng.choice(["", "", "", "//128", "//127", "//64", "//0"])

    # ---- names and macros

    def _target(self, is_hit, plain=False):
        """A name for a or exists: a host, an alias, something void, or one whose question fails."""
        pick = self._rng.random()
        if pick < 0.15:
            return self._void_name()
        name = self._host(is_hit)
        if pick < 0.25:
            alias = self._host_name()
            self._add(alias, "CNAME", name + ".")
            return alias
        if pick < (0.4 if plain else 0.32):
            self._maybe_fail(name, "A", 1)
            self._maybe_fail(name, "AAAA", 1)
        if pick < 0.4 and not plain:
            return name.replace(self._case.domain, "%{d}") if self._rng.random() < 0.5 else name.upper()
        return name

    def _void_name(self):
        name = self._host_name()
        pick = self._rng.random()
        if pick < 0.3:
            self._add(name, "TXT", "here, but nothing of interest")
        elif pick < 0.4:
            self._add(name, "CNAME", self._host_name() + ".")
        return name

    def _macro_name(self):
        parts = [self._rng.choice([self._macro(LETTERS), "x", "%{i}", "%{ir}.%{v}", "%{l}"]) for _ in range(self._rng.randint(1, 3))]
        return ".".join(parts) + self._rng.choice([".x.%{d}", ".%{d2}", ".%{o}", f".{self._case.domain}"])

    def _macro(self, letters):
        letter = self._rng.choice(letters)
        digits = self._rng.choice(["", "", "1", "2", "3", "9", "128"])
        delimiters = self._rng.choice(["", "", "", "-", ".", "+", "-.", "_=", ".-+,/_="])
        return "%{" + letter + digits + self._rng.choice(["", "", "r", "R"]) + delimiters + "}"

    def _text_macro(self):
        return self._rng.choice([self._macro(TEXT_LETTERS)] * 6 + ["see", "%%", "%_", "%-", "http://x.test/?q=%{S}", "%{z}", "%"])

    # ---- the zone

    def _add(self, name, kind, data):
        """Once: a CNAME stands alone (RFC 1034 §3.6.2)."""
        others = {other for owner, other, _ in self._case.records if owner == name}
        if (name, kind, data) not in self._case.records and "CNAME" not in others and (kind != "CNAME" or not others):
            self._case.records.append((name, kind, data))

    def _publish(self, name, terms):
        self._add(name, "TXT", " ".join(["v=spf1", *terms]))

    def _host_name(self):
        self._hosts += 1
        return f"h{self._hosts}.{self._case.domain}"

    def _policy_name(self):
        self._policies += 1
        return f"p{self._policies}.{self._case.domain}"

    def _host(self, is_hit):
        name = self._host_name()
        for _ in range(self._rng.choice([1, 1, 2])):
            self._add_address(name, is_hit)
        return name

    def _add_address(self, name, is_hit):
        address = self._case.address if is_hit else self._near()[0]
        self._add(name, "A" if address.version == 4 else "AAAA", str(address))

    def _near(self):
        """An address and how many leading bits it shares with the client's; now and then of the other family."""
        address = self._case.address
        if self._rng.random() < 0.1:
            other = ipaddress.ip_address("2001:db8::1" if address.version == 4 else "10.9.9.9")
            return other, other.max_prefixlen
        bits = self._rng.choice([address.max_prefixlen] * 3 + list(range(address.max_prefixlen)))
        if bits == address.max_prefixlen:
            return address, bits
        return type(address)(int(address) ^ (1 << (address.max_prefixlen - 1 - bits))), bits

    def _maybe_fail(self, name, kind, likelihood=0.06):
        if self._rng.random() < likelihood:
            self._case.failures.append((name, kind, self._rng.choice(["timeout", "servfail"])))
            self._case.records = [record for record in self._case.records if record[:2] != (name, kind)]

    def _add_pointers(self):
        reverse = reverse_name(self._case.address)
        if any(name == reverse for name, _, _ in self._case.records):
            return
        for _ in range(self._rng.choice([0, 1, 1, 2])):
            name = self._host(is_hit=self._rng.random() < 0.6)
            self._add(reverse, "PTR", self._rng.choice([name, name, self._case.domain, self._lookalike(), "ptr.other.test"]) + ".")
        self._maybe_fail(reverse, "PTR", 0.05)

    def _lookalike(self):
        """A validated name that ends like the domain, but not at a dot."""
        name = f"x{self._case.domain}"
        self._add_address(name, is_hit=True)
        return name

    def _client(self, number):
        """Its own for each case, so that reverse names are, too."""
        four = f"10.{number >> 8}.{number & 255}.{self._rng.randint(0, 255)}"
        six = f"2001:db8:{number:x}::{self._rng.randint(0, 0xFFFF):x}"
        return self._rng.choice([four, four, four, six, six, f"::ffff:{four}"])


def reverse_name(address):
    return address.reverse_pointer


def answer_half(cases, world, seed):
    """Gives records to half of the names that were asked for and are not there: those that macros made."""
    rng = random.Random(seed)
    by_domain = {case.domain: case for case in cases}
    for name, kind in sorted(world.asked):
        case = by_domain.get(".".join(name.split(".")[-2:]))
        if kind in MADE_UP and case and not world.exists(name) and is_name(name) and rng.random() < 0.5:
            case.records.append((name, kind, rng.choice(MADE_UP[kind])))


def is_name(text):
    return len(text) <= 253 and all(0 < len(label) <= 63 for label in text.split("."))
