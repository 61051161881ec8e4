"""An SMTP client that does one thing at a time, so that tests can stop, hurry or hang up anywhere."""

import base64
import hmac
import re
import socket
from typing import NamedTuple


class Reply(NamedTuple):
    code: int
    text: str  # without the code, lines joined by a space

    @property
    def queue_id(self):
        found = re.search(r"queued as (\w+)", self.text)
        return found.group(1) if found else None

    def __str__(self):
        return f"{self.code} {self.text}"


class SmtpClient:
    """One session with a listener of a private mail server; `source` is the loopback address that it comes from."""

    def __init__(self, port, timeout=120, source="127.0.0.1"):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout, (source, 0))
        self.file = self.socket.makefile("rb")
        self.greeting = self.read_reply()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.hang_up()

    def read_reply(self):
        lines = []
        while True:
            line = self.file.readline()
            if not line:
                raise ConnectionError("the server closed the connection")
            lines.append(line.decode("utf-8", "replace").rstrip("\r\n"))
            if lines[-1][3:4] != "-":
                return Reply(int(lines[-1][:3]), " ".join(text[4:] for text in lines))

    def command(self, line):
        self.send(line.encode() + b"\r\n")
        return self.read_reply()

    def send(self, octets):
        self.socket.sendall(octets)

    def open(self, address=None, helo="client.example", name=None):
        """Greets; with an address, Postfix (and so the filter) believes that the client is there: XCLIENT."""
        self.must(self.command(f"EHLO {helo}"))
        if address is None:
            return
        given = f"IPV6:{address}" if ":" in address else address
        self.must(self.command(f"XCLIENT NAME={name or '[UNAVAILABLE]'} ADDR={given} PORT=34567"))
        self.must(self.command(f"EHLO {helo}"))

    def login(self, user, password):
        secret = base64.b64encode(f"\0{user}\0{password}".encode()).decode()
        self.must(self.command(f"AUTH PLAIN {secret}"))

    def login_by_challenge(self, user, password):
        """The same by CRAM-MD5 (RFC 2195), where the server has no PLAIN without TLS."""
        challenge = base64.b64decode(self.command("AUTH CRAM-MD5").text)
        digest = hmac.new(password.encode(), challenge, "md5").hexdigest()
        self.must(self.command(base64.b64encode(f"{user} {digest}".encode()).decode()))

    def envelope(self, sender, recipients, parameters=""):
        """MAIL and RCPT, pipelined as real servers do."""
        lines = [f"MAIL FROM:<{sender}>{' ' + parameters if parameters else ''}"]
        lines += [f"RCPT TO:<{recipient}>" for recipient in recipients]
        self.send("".join(line + "\r\n" for line in lines).encode())
        for _ in lines:
            self.must(self.read_reply())

    def begin_data(self):
        reply = self.command("DATA")
        if reply.code != 354:
            raise AssertionError(f"DATA: {reply}")

    def end_data(self):
        self.send(b".\r\n")
        return self.read_reply()

    def data(self, message):
        """Sends the whole message and gives the server's last word on it."""
        self.begin_data()
        self.send(stuffed(message))
        return self.end_data()

    def quit(self):
        self.command("QUIT")
        self.hang_up()

    def hang_up(self):
        self.file.close()
        self.socket.close()

    @staticmethod
    def must(reply):
        if reply.code // 100 != 2:
            raise AssertionError(f"unexpected reply: {reply}")
        return reply


def stuffed(message):
    """Dots at line starts doubled (RFC 5321 §4.5.2), the last line ended."""
    message = message.replace(b"\r\n.", b"\r\n..")
    if message.startswith(b"."):
        message = b"." + message
    return message if message.endswith(b"\r\n") else message + b"\r\n"
