#!/usr/bin/python3
"""A peer on the milter socket that stops anywhere, says things out of order, or says nonsense. After every one of its acts
two ordinary messages must get their ordinary verdicts."""

import random
import struct

from harness.mail import compose
from harness.milter_site import SENDER, MilterSite
from harness.milter_wire import (
    ADD_HEADERS,
    ALL_ACTIONS,
    ALL_STEPS,
    BODY_CHUNK,
    CHANGE_HEADERS,
    COMMANDS,
    QUARANTINE,
    Closed,
    joined,
    negotiation,
    packet,
    play,
    strings,
)
from harness.site import STRANGERS_ADDRESS
from harness.suite import Suite, expect, expect_equal
from harness.system import wait_until

suite = Suite()


class HostileSite(MilterSite):
    def configurations(self):
        return {"victim": {}, "holding": {"quarantine": "hold"}}


def prefixes(packets):
    """Every beginning of the conversation: after each packet, and inside each: in its length, its code and its data."""
    whole = b""
    for name, octets in packets:
        for cut in sorted({0, 1, 4, 5, len(octets) // 2, len(octets) - 1} & set(range(len(octets)))):
            yield f"{cut} octets of {name}", whole + octets[:cut]
        whole += octets
    yield "everything", whole


# ---- a peer that stops ---------------------------------------------------------------------------------------------


@suite.table([("a peer may hang up anywhere", False), ("a peer may reset its connection anywhere", True)])
def stops(world, is_rude):
    for place, octets in prefixes(world.talk):
        with world.open() as wire:
            wire.send(octets)
            if is_rude:
                wire.reset()
        world.check_service(place)


@suite.case("a peer that goes while the daemon answers it harms nobody")
def does_not_listen(world):
    everything = joined(world.talk[:-2])
    for _ in range(50):
        with world.open() as wire:
            wire.send(everything)
            wire.reset()
    world.check_service("answers that nobody read")


# ---- a peer that says things out of order --------------------------------------------------------------------------


def samples(world):
    """A well-formed packet of each command."""
    known = {octets[4:5]: octets for _, octets in world.talk}
    known |= {b"K": packet(b"K"), b"R": packet(b"R", strings(b"<dora@receiver.example>")), b"T": packet(b"T")}
    known[b"U"] = packet(b"U", strings(b"XCLIENT NAME=spike"))
    expect_equal(sorted(known), COMMANDS, "the commands there are samples of")
    return known


@suite.case("any command may come at any point")
def out_of_place(world):
    for command, octets in samples(world).items():
        for at, (name, _) in enumerate(world.talk):
            world.attack(joined(world.talk[:at]) + octets + joined(world.talk[at:]), f"{command} before {name}")


@suite.case("any command may be left out, or come twice, or trade places with the next")
def shuffled_a_little(world):
    talk = world.talk
    for at, (name, _) in enumerate(talk):
        world.attack(joined(talk[:at] + talk[at + 1 :]), f"no {name}")
        world.attack(joined(talk[: at + 1] + talk[at:]), f"{name} twice")
        world.attack(joined(talk[:at] + talk[at : at + 2][::-1] + talk[at + 2 :]), f"{name} late")


@suite.case("a conversation may come in any order at all")
def shuffled(world):
    dice = random.Random(3)
    for number in range(200):
        talk = world.talk[:]
        dice.shuffle(talk)
        world.attack(joined(talk if number % 2 else world.talk[:1] + talk), f"shuffle {number}")


@suite.case("a message that is aborted is forgotten, and the next on the connection is judged by itself")
def aborted(world):
    for at, (name, _) in enumerate(world.talk[6:-3], 6):
        with world.open() as wire:
            wire.send(joined(world.talk[:at]) + packet(b"A"))
            wire.receive()
            wire.send(joined(world.talk[4:-2]))
            verdict = wire.end_of_message()
        expect("dmarc=pass" in verdict.results, f"after an abort before {name}: {verdict}")


@suite.case("after QUIT_NC the next session on the connection is judged like the first")
def next_connection(world):
    (_, offer), *session = world.talk[:-2]
    with world.open() as wire:
        wire.send(offer)
        wire.receive()
        for _ in range(3):  # libmilter takes QUIT_NC only where no verdict came last
            wire.send(packet(b"U", strings(b"NOOP")))
            expect_equal(wire.receive()[0], b"c", "the answer to an unknown SMTP command")
            wire.send(packet(b"K") + joined(session))
            verdict = wire.end_of_message()
            expect("dmarc=pass" in verdict.results, verdict)
    world.check_service("it")


# ---- a peer that talks nonsense ------------------------------------------------------------------------------------


@suite.case("commands that do not exist end the connection and nothing else")
def unknown_commands(world):
    for octet in set(range(256)) - {command[0] for command in COMMANDS}:
        for place in ("negotiation", "connection", "end of header"):
            world.attack(world.until(place) + packet(bytes([octet]), b"something\0"), f"command {octet} before {place}")


@suite.case("a packet may claim any length")
def lengths(world):
    for claimed in (0, 1, 2, BODY_CHUNK + 2, 0x7FFFFFFF, 0x80000000, 0x80000001, 0xFFFFFFFF):
        for command in COMMANDS:
            for place in ("negotiation", "connection", "header"):
                octets = world.until(place) + struct.pack("!I", claimed) + command + b"x" * 64
                world.attack(octets, f"{command} of {claimed} octets before {place}")


@suite.case("a packet of more than a mebibyte is not read")
def giants(world):
    for command in COMMANDS:
        for place in ("negotiation", "header", "end of message"):
            giant = packet(command, b"x" * (2**20 + 1))
            world.attack(world.until(place) + giant, f"{command} of a mebibyte before {place}")


FULL = b"x" * (BODY_CHUNK - 1) + b"\0"
NULS = b"\0" * BODY_CHUNK
NOTHING = [b"", b"\0", b"\0\0", b"x", b"x" * BODY_CHUNK, FULL, NULS, b"\xff" * 100 + b"\0", strings(*[b"a"] * 10)]


@suite.table(
    [
        ("a malformed connection is survived", "connection", b"C", [
            strings(b"name") + family + rest
            for family in (b"4", b"6", b"L", b"U", b"X", b"\0")
            for rest in (b"", b"\0", b"\0\0", b"\0\x19192.0.2.1", b"\0\x19not an address\0", b"\0\x19" + FULL, b"\0\x19::1\0")
        ]),
        ("a malformed HELO is survived", "HELO", b"H", []),
        ("a malformed MAIL is survived", "MAIL", b"M", [strings(b"<" + FULL), strings(b"<a@b>", *[b"SMTPUTF8"] * 5000)]),
        ("a malformed RCPT is survived", "header", b"R", []),
        ("a malformed header is survived", "header", b"L", [
            b"From", b"From\0", strings(b"From", b"a@b", *[b"c@d"] * 10), strings(b"", b"value"), strings(FULL[:-1])
        ]),
        ("a malformed end of header is survived", "end of header", b"N", []),
        ("a malformed body is survived", "body", b"B", []),
        ("a malformed end of message is survived", "end of message", b"E", []),
        ("a malformed abort is survived", "end of message", b"A", []),
        ("malformed macros are survived", "connection", b"D", [
            stage + rest
            for stage in COMMANDS + [b"Z", b"\0"]
            for rest in (b"", b"\0", strings(b"j"), b"j", strings(b"j", b"mx", b"i"), FULL[:-1], NULS[:-1])
        ]),
    ]
)  # fmt: skip
def malformed(world, place, command, payloads):
    before = world.until(place)
    for payload in payloads + NOTHING:
        world.attack(before + packet(command, payload), f"{command} {payload[:40]}")
        world.attack(before + packet(command, payload) + joined(world.talk)[len(before) :], f"{command} {payload[:40]}, going on")


# ---- a peer that offers odd things ---------------------------------------------------------------------------------

ALL_BITS = 0xFFFFFFFF


@suite.table(
    [
        ("a mail server of protocol version 2 is served", negotiation(2, 0x3F, 0x7F)),
        ("a mail server of protocol version 4 is served", negotiation(4, 0x3F, 0x3FF)),
        ("a mail server of a later version is served", negotiation(7, ALL_BITS, ALL_BITS)),
        ("a mail server of a very late version is served", negotiation(0x7FFFFFFF)),
        ("a mail server that names no steps is served", negotiation(steps=0)),
        ("a mail server that cannot hold mail is served", negotiation(actions=ALL_ACTIONS & ~QUARANTINE)),
        ("a mail server that offers the least is served", negotiation(2, ADD_HEADERS | CHANGE_HEADERS, 0)),
        ("a negotiation with something behind it is served", packet(b"O", struct.pack("!III", 6, 0x1FF, ALL_STEPS) + NULS[:99])),
    ]
)
def odd_offers(world, offer):
    verdict = play(world.signetd["victim"].socket, world.good, SENDER, STRANGERS_ADDRESS, offer)
    expect("dmarc=pass" in verdict.results, verdict)
    world.check_service("it")


@suite.table(
    [
        ("protocol version 0 is refused at once", negotiation(0), ""),
        ("protocol version 1 is refused at once", negotiation(1), ""),
        ("a negative protocol version is refused at once", negotiation(ALL_BITS), ""),
        ("half a negotiation is refused at once", packet(b"O", b"\0\0\0\6\0\0\1"), ""),
        ("a server that cannot add header fields is refused, and the log says why", negotiation(actions=CHANGE_HEADERS), "0x10"),
        ("a server that cannot change header fields is refused, and the log says why", negotiation(actions=ADD_HEADERS), "0x1,"),
    ]
)
def refused_offers(world, offer, logged):
    lines = world.signetd["victim"].lines
    before = len(lines)
    with world.open() as wire:
        wire.send(offer)
        try:
            answer = wire.receive()
            raise AssertionError(f"it was answered {answer}")
        except (Closed, ConnectionResetError):
            pass
    if logged:
        wait_until(lambda: any(logged in line and "add and change header fields" in line for line in lines[before:]), "a line")
    world.check_service("it")


@suite.case("mail to be held, for a server that cannot hold, is deferred as an internal error and the log says why")
def cannot_hold(world):
    held = compose("ann@wary.example")
    address = world.signetd["holding"].socket
    expect_equal(play(address, held, b"ann@wary.example", STRANGERS_ADDRESS).quarantine[:5], b"dmarc", "the reason")
    offer = negotiation(actions=ALL_ACTIONS & ~QUARANTINE)
    verdict = play(address, held, b"ann@wary.example", STRANGERS_ADDRESS, offer)
    expect_equal(verdict.reply[:3], b"451", verdict)
    wait_until(lambda: any("internal error" in line and "quarantine" in line for line in world.signetd["holding"].lines), "a line")


@suite.case("when all is over no descriptor is left open, and the daemon ends")
def nothing_left(world):
    world.check_service("all")
    world.check_clean_end()


if __name__ == "__main__":
    suite.main(HostileSite, needs_root=False)
