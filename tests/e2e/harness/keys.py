"""DKIM key pairs made by openssl(1), so that neither our own code nor python3-dkim has a hand in them."""

import base64
import subprocess
from dataclasses import dataclass
from pathlib import Path

ED25519_OCTETS = 32  # the raw key ends its DER form, public and private (RFC 8410)


@dataclass(frozen=True)
class Key:
    """One key pair. `algorithm` is DKIM's k=: rsa or ed25519."""

    selector: str
    algorithm: str
    path: Path

    def record(self):
        """The TXT record for <selector>._domainkey.<domain>. RFC 6376 §3.6.1, RFC 8463 §4."""
        der = self._der("-pubout")
        public = der[-ED25519_OCTETS:] if self.algorithm == "ed25519" else der
        return f"v=DKIM1; k={self.algorithm}; p={base64.b64encode(public).decode()}"

    def for_python_dkim(self):
        """The private key as python3-dkim takes it: PEM, or the base64 seed of an Ed25519 key."""
        if self.algorithm == "rsa":
            return self.path.read_bytes()
        return base64.b64encode(self._der()[-ED25519_OCTETS:])

    def _der(self, *options):
        command = ["openssl", "pkey", "-in", str(self.path), "-outform", "DER", *options]
        return subprocess.run(command, check=True, capture_output=True).stdout


def make_key(folder, selector, algorithm="rsa", bits=2048):
    """A new key pair in folder/<selector>.pem, readable by its owner only, as signetd demands."""
    path = Path(folder) / f"{selector}.pem"
    size = ["-pkeyopt", f"rsa_keygen_bits:{bits}"] if algorithm == "rsa" else []
    command = ["openssl", "genpkey", "-algorithm", algorithm.upper(), *size, "-out", str(path)]
    subprocess.run(command, check=True, capture_output=True)
    path.chmod(0o600)
    return Key(selector, algorithm, path)
