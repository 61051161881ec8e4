"""Just enough of Dovecot's authentication protocol that Postfix's smtpd offers AUTH PLAIN and believes the answer."""

import socketserver
import threading

GREETING = "VERSION\t1\t1\nMECH\tPLAIN\tplaintext\nSPID\t1\nCUID\t1\nCOOKIE\t00\nDONE\n"


class _Handler(socketserver.StreamRequestHandler):
    def handle(self):
        self.wfile.write(GREETING.encode())
        for line in self.rfile:
            command, _, rest = line.decode().rstrip("\n").partition("\t")
            if command == "AUTH":
                self.wfile.write(f"OK\t{rest.split(chr(9))[0]}\tuser=ann\n".encode())


class SaslServer:
    """Everybody may log in, with any password."""

    def __init__(self):
        socketserver.ThreadingTCPServer.daemon_threads = True
        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def parameters(self):
        """What a listener needs to use it."""
        return {
            "smtpd_sasl_auth_enable": "yes",
            "smtpd_sasl_type": "dovecot",
            "smtpd_sasl_path": "inet:127.0.0.1:%d" % self._server.server_address[1],
            "smtpd_sasl_security_options": "noanonymous",
        }
