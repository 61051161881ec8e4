"""A DNS server for a DnsZone, over real UDP and TCP on one loopback port. RFC 1035 §4; no more of it than needed."""

import ipaddress
import socket
import socketserver
import struct
import threading

from harness.zone import strings_of

TYPES = {"A": 1, "NS": 2, "CNAME": 5, "PTR": 12, "MX": 15, "TXT": 16, "AAAA": 28}
NAMES = {number: name for name, number in TYPES.items()}
PLAIN_UDP_OCTETS = 512
NOERROR, SERVFAIL, NXDOMAIN = 0, 2, 3
RESPONSE, AUTHORITATIVE, TRUNCATED = 0x8000, 0x0400, 0x0200
SOA, OPT = 6, 41  # OPT: RFC 6891


class DnsServer:
    """Serves the zone until stop(). Counts what it was asked, so that a test can prove it was asked at all."""

    def __init__(self, zone, is_dead=False, host="127.0.0.1", port=0):
        self.zone = zone
        self.is_dead = is_dead  # takes every question and answers none
        self.asked = {"udp": 0, "tcp": 0}
        self._udp, self._tcp = self._bind(host, port)
        for server in (self._udp, self._tcp):
            server.owner = self
            threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def address(self):
        return "%s:%d" % self._udp.server_address

    def stop(self):
        for server in (self._udp, self._tcp):
            server.shutdown()
            server.server_close()

    def answer(self, query, transport):
        """The response to one query, or None where silence is wanted."""
        self.asked[transport] += 1
        number, name, kind, room = parse_query(query)
        failure = self.zone.failures.get((name, NAMES.get(kind)))
        if self.is_dead or failure == "timeout":
            return None
        code, records = (SERVFAIL, []) if failure else self._find(name, kind)
        question = encode_name(name) + struct.pack("!HH", kind, 1)
        authority = [] if records or failure else [NEGATIVE_SOA]
        whole = header(number, code, len(records), len(authority)) + question + b"".join(records + authority)
        if transport == "udp" and len(whole) > room:
            return header(number, code, flags=TRUNCATED) + question
        return whole

    def _find(self, name, kind):
        """Follows CNAMEs as a recursive server does."""
        records = []
        for _ in range(8):
            found = [encode_record(name, kind, data) for data in self.zone.find(name, NAMES.get(kind, ""))]
            alias = self.zone.find(name, "CNAME")
            if found or not alias or kind == TYPES["CNAME"]:
                return NOERROR if found or records or self.zone.exists(name) else NXDOMAIN, records + found
            records.append(encode_record(name, TYPES["CNAME"], alias[0]))
            name = alias[0].rstrip(".").lower()
        return SERVFAIL, []

    @staticmethod
    def _bind(host, port):
        """TCP takes a free port; UDP must get the same one, which somebody else may have."""
        for _ in range(50):
            tcp = socketserver.ThreadingTCPServer((host, port), TcpHandler)
            tcp.daemon_threads = True
            try:
                return socketserver.UDPServer(tcp.server_address, UdpHandler), tcp
            except OSError:
                tcp.server_close()
        raise OSError("no port that is free for UDP and TCP")


class UdpHandler(socketserver.BaseRequestHandler):
    def handle(self):
        query, reply_to = self.request
        response = self.server.owner.answer(query, "udp")
        if response is not None:
            reply_to.sendto(response, self.client_address)


class TcpHandler(socketserver.StreamRequestHandler):
    timeout = 10

    def handle(self):
        try:
            while size := self.rfile.read(2):
                response = self.server.owner.answer(self.rfile.read(struct.unpack("!H", size)[0]), "tcp")
                if response is not None:
                    self.wfile.write(struct.pack("!H", len(response)) + response)
        except socket.timeout:
            return


def header(number, code, answers=0, authorities=0, flags=0):
    return struct.pack("!6H", number, RESPONSE | AUTHORITATIVE | flags | code, 1, answers, authorities, 0)


def parse_query(query):
    """Number, name, type, and how much the asker can take by UDP."""
    number, _, _, _, _, additional = struct.unpack("!6H", query[:12])
    labels, at = [], 12
    while query[at]:
        labels.append(query[at + 1 : at + 1 + query[at]].decode("latin-1"))
        at += 1 + query[at]
    (kind,) = struct.unpack("!H", query[at + 1 : at + 3])
    room = PLAIN_UDP_OCTETS
    if additional and len(query) >= at + 10 and struct.unpack("!H", query[at + 6 : at + 8])[0] == OPT:
        room = max(room, struct.unpack("!H", query[at + 8 : at + 10])[0])
    return number, ".".join(labels).lower(), kind, room


def encode_name(name):
    labels = [label.encode("latin-1") for label in name.rstrip(".").split(".") if label]
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


def encode_record(name, kind, data):
    content = encode_data(NAMES[kind], data)
    return encode_name(name) + struct.pack("!HHIH", kind, 1, 300, len(content)) + content


def encode_data(kind, data):
    if kind in ("A", "AAAA"):
        return ipaddress.ip_address(data).packed
    if kind == "TXT":
        return b"".join(bytes([len(part)]) + part for part in strings_of(data))
    if kind == "MX":
        preference, exchange = data.split()
        return struct.pack("!H", int(preference)) + encode_name(exchange)
    return encode_name(data)


def encode_soa():
    """Without it nobody remembers that there is no answer (RFC 2308 §5): the root's, good for 300 s."""
    content = encode_name("ns.example") + encode_name("hostmaster.example") + struct.pack("!5I", 1, 3600, 600, 86400, 300)
    return encode_name("") + struct.pack("!HHIH", SOA, 1, 300, len(content)) + content


NEGATIVE_SOA = encode_soa()
