"""An SMTP server that takes everything: where a mail server under test delivers to."""

import socketserver
import threading

from harness.mail import Arrived
from harness.system import wait_until


class _Handler(socketserver.StreamRequestHandler):
    timeout = 60

    def handle(self):
        self.say("220 sink.example ESMTP")
        recipients = []
        for line in self.rfile:
            verb = line[:4].upper()
            if verb == b"EHLO":
                self.say("250-sink.example\r\n250 8BITMIME")
            elif verb == b"DATA":
                self.say("354 go on")
                self.server.sink.keep(recipients, self._message())
                recipients = []
                self.say("250 2.0.0 taken")
            elif verb == b"QUIT":
                self.say("221 2.0.0 bye")
                return
            else:
                if verb == b"RCPT":
                    recipients.append(line.partition(b"<")[2].partition(b">")[0].decode())
                self.say("250 2.0.0 ok")

    def _message(self):
        lines = []
        for line in self.rfile:
            if line == b".\r\n":
                break
            lines.append(line[1:] if line.startswith(b".") else line)
        return b"".join(lines)

    def say(self, reply):
        self.wfile.write(reply.encode() + b"\r\n")


class SmtpSink:
    """Serves from its making to stop(), on a free loopback port."""

    def __init__(self):
        self._lock = threading.Lock()
        self._messages = []  # (recipients, octets)
        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Handler)
        self._server.daemon_threads = True
        self._server.sink = self
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def port(self):
        return self._server.server_address[1]

    def keep(self, recipients, octets):
        with self._lock:
            self._messages.append((recipients, octets))

    def mailbox(self, address):
        """What came for this address, oldest first, with LF as Arrived has it."""
        with self._lock:
            return [Arrived(octets.replace(b"\r\n", b"\n")) for recipients, octets in self._messages if address in recipients]

    def wait_for_mail(self, address):
        wait_until(lambda: self.mailbox(address), f"mail for {address}")
        return self.mailbox(address)[-1]

    def stop(self):
        self._server.shutdown()
        self._server.server_close()
