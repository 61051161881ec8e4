"""The milter protocol, version 6, as a mail server speaks it, packet by packet; and whatever else a socket can be sent.
Written from the protocol alone: it shares nothing with the tool's client."""

import ipaddress
import socket
import struct
from dataclasses import dataclass, field

VERSION = 6
ALL_ACTIONS = 0x1FF
ALL_STEPS = 0x1FFFFF
ADD_HEADERS, CHANGE_HEADERS, QUARANTINE = 0x01, 0x10, 0x20
LEADING_SPACE = 0x100000
BODY_CHUNK = 65535
COMMANDS = [bytes([octet]) for octet in b"ABCDEHKLMNOQRTU"]
VERDICTS = b"acdrty"
# The step by which an event is left without an answer.
UNANSWERED = {b"C": 0x1000, b"H": 0x2000, b"M": 0x4000, b"L": 0x80, b"N": 0x40000, b"B": 0x80000}


class Closed(Exception):
    """The filter closed the connection."""


def packet(code, data=b""):
    """One packet; `code` is one octet."""
    return struct.pack("!I", len(data) + 1) + code + data


def strings(*values):
    return b"".join(value + b"\0" for value in values)


def joined(packets):
    """The octets of a part of a conversation."""
    return b"".join(octets for _, octets in packets)


def negotiation(version=VERSION, actions=ALL_ACTIONS, steps=ALL_STEPS):
    return packet(b"O", struct.pack("!III", version, actions, steps))


def connection(address, name=b"client.example", port=40000):
    family = b"6" if ipaddress.ip_address(address).version == 6 else b"4"
    return packet(b"C", strings(name) + family + struct.pack("!H", port) + strings(address.encode()))


def conversation(message, sender, client, offer=negotiation(), queue_id=b"4Q1"):
    """What Postfix sends for one message, in order, from the negotiation to the goodbye: [(what it is, packet)]."""
    head, _, body = message.partition(b"\r\n\r\n")
    packets = [
        ("negotiation", offer),
        ("macros of the connection", packet(b"D", b"C" + strings(b"j", b"mx.receiver.example", b"{daemon_name}", b"mx"))),
        ("connection", connection(client)),
        ("HELO", packet(b"H", strings(b"mx.sender.example"))),
        ("macros of MAIL", packet(b"D", b"M" + strings(b"{mail_addr}", sender))),
        ("MAIL", packet(b"M", strings(b"<" + sender + b">"))),
    ]
    for line in unfolded(head):
        name, _, value = line.partition(b":")
        packets.append(("header", packet(b"L", strings(name, value.replace(b"\r\n", b"\n")))))
    packets.append(("end of header", packet(b"N")))
    packets += [("body", packet(b"B", body[at : at + BODY_CHUNK])) for at in range(0, len(body), BODY_CHUNK)]
    packets += [
        ("macros of the end", packet(b"D", b"E" + strings(b"i", queue_id))),
        ("end of message", packet(b"E")),
        ("abort", packet(b"A")),
        ("quit", packet(b"Q")),
    ]
    return packets


def unfolded(head):
    """The header fields, each with its own folds."""
    fields = []
    for line in head.split(b"\r\n"):
        if line[:1] in (b" ", b"\t"):
            fields[-1] += b"\r\n" + line
        else:
            fields.append(line)
    return fields


@dataclass
class Verdict:
    """What the filter said at the end of a message."""

    code: bytes = b""  # the octet of the protocol
    reply: bytes = b""  # "550 5.7.26 …", where the filter chose the words
    inserted: list = field(default_factory=list)  # (name, value) of each new field
    quarantine: bytes = b""

    @property
    def results(self):
        values = [value for name, value in self.inserted if name.lower() == b"authentication-results"]
        return b" ".join(b" ".join(values).split()).decode()


def play(address, message, sender, client, offer=negotiation()):
    """One message in a connection of its own; its verdict."""
    first, *rest = conversation(message, sender, client, offer)
    with MilterWire(address) as wire:
        wire.send(first[1])
        _, agreed = wire.receive()
        (steps,) = struct.unpack("!I", agreed[8:12])
        wire.send(joined(rest))
        for _, octets in rest:
            bit = UNANSWERED.get(octets[4:5])
            if bit and not steps & bit:
                answer, _ = wire.receive()
                if answer != b"c":
                    raise AssertionError(f"{octets[4:5]} was answered {answer}")
        return wire.end_of_message()


class MilterWire:
    """One connection to a filter's socket ("inet:PORT@HOST" or "unix:PATH"). Every wait ends after `timeout` seconds."""

    def __init__(self, address, timeout=30):
        kind, _, rest = address.partition(":")
        if kind == "inet":
            port, _, host = rest.partition("@")
            self.socket = socket.create_connection((host, int(port)), timeout)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        else:
            self.socket = socket.socket(socket.AF_UNIX)
            self.socket.settimeout(timeout)
            self.socket.connect(rest)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, octets):
        self.socket.sendall(octets)

    def send_if_wanted(self, octets):
        """The same, to a filter that may hang up before it has read all."""
        try:
            self.send(octets)
        except (BrokenPipeError, ConnectionResetError):
            pass

    def receive(self):
        """The next packet: its code and its data."""
        (size,) = struct.unpack("!I", self._read(4))
        octets = self._read(size)
        return octets[:1], octets[1:]

    def reset(self):
        """Ends the connection in the rude way: what is under way is lost (TCP RST)."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def read_to_end(self):
        """Says that no more will come, and reads what the filter still has to say until it hangs up."""
        said = b""
        try:
            self.socket.shutdown(socket.SHUT_WR)
            while octets := self.socket.recv(65536):
                said += octets
        except socket.timeout as error:
            raise AssertionError("the filter keeps a connection that its peer has ended") from error
        except OSError:  # reset: it hung up without reading all
            pass
        return said

    def end_of_message(self):
        """Reads the answers to the end of a message."""
        verdict = Verdict()
        while not verdict.code or verdict.code not in VERDICTS:
            code, data = self.receive()
            if code == b"y":
                verdict.reply = data.rstrip(b"\0")
            elif code == b"q":
                verdict.quarantine = data.rstrip(b"\0")
            elif code in (b"h", b"i"):
                name, value = (data if code == b"h" else data[4:]).split(b"\0")[:2]
                verdict.inserted.append((name, value))
            verdict.code = code
        return verdict

    def _read(self, size):
        octets = b""
        while len(octets) < size:
            part = self.socket.recv(size - len(octets))
            if not part:
                raise Closed()
            octets += part
        return octets
