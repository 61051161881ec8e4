"""A Sendmail of our own on loopback: own configuration, own queue, own view of host names. Debian's packages conflict with
Postfix, so they are unpacked where scripts/install-deps puts them, and the system never sees them.

What is not for this machine it sends to a sink, so nothing ever leaves the machine.
"""

import atexit
import os
import signal
import subprocess
import sys

from harness.system import ROOT, SKIPPED, TIED, is_answering, wait_until

UNPACKED = ROOT / "build" / "unpacked" / "sendmail"
PROGRAM = UNPACKED / "usr/libexec/sendmail/sendmail"
MAKE_LOGIN = UNPACKED / "usr/sbin/saslpasswd2"
RULES = UNPACKED / "usr/share/sendmail/cf"

# No question leaves the machine: names come from the private files. Who may relay is not what is tested.
MC = """divert(0)dnl
VERSIONID(`tests of Signet')dnl
OSTYPE(`linux')dnl
define(`confDOMAIN_NAME', `{name}')dnl
define(`QUEUE_DIR', `{folder}/queue')dnl
define(`confPID_FILE', `{folder}/pid')dnl
define(`confSERVICE_SWITCH_FILE', `{folder}/switch')dnl
define(`STATUS_FILE', `')dnl
define(`HELP_FILE', `')dnl
define(`ALIAS_FILE', `')dnl
define(`confCW_FILE', `-o {folder}/none')dnl
define(`confCT_FILE', `-o {folder}/none')dnl
define(`confDELIVERY_MODE', `interactive')dnl
define(`confTO_IDENT', `0')dnl
define(`SMART_HOST', `relay:[127.0.0.1]')dnl
define(`RELAY_MAILER_ARGS', `TCP $h {sink}')dnl
FEATURE(`no_default_msa')dnl
FEATURE(`nocanonify')dnl
FEATURE(`promiscuous_relay')dnl
FEATURE(`accept_unresolvable_domains')dnl
{lines}
MAILER(`smtp')dnl
"""

# Names are those of the private files, in a mount namespace; Sendmail refuses to start on a host without a whole name. Logins
# it believes only in a folder that nobody else may write, down from the root.
START = """set -e
hostname {name}
mount --bind {folder}/hosts /etc/hosts
mount --bind {folder}/nsswitch /etc/nsswitch.conf
mount -t tmpfs -o mode=755 tmpfs /usr/lib/sasl2
cp -p {folder}/Sendmail.conf {folder}/logins /usr/lib/sasl2
exec "$@"
"""


def require_sendmail():
    if not PROGRAM.exists():
        print(f"skipped: Sendmail is not in {UNPACKED}: scripts/install-deps could not get it")
        sys.exit(SKIPPED)


class PrivateSendmail:
    """`lines` of sendmail.mc; `hosts` {address: name} are all that it can resolve."""

    def __init__(self, folder, sink, lines, hosts, name="mx.receiver.example"):
        self.folder = folder / "sendmail"
        self.folder.mkdir(mode=0o755)
        (self.folder / "queue").mkdir(mode=0o700)
        self.name = name
        self._process = None
        self._write("switch", "hosts files\n")
        self._write("nsswitch", "hosts: files\npasswd: files\ngroup: files\n")
        self._write("hosts", "".join(f"{address} {host}\n" for address, host in {"127.0.0.1": f"{name} localhost", **hosts}.items()))
        self._write("Sendmail.conf", f"pwcheck_method: auxprop\nauxprop_plugin: sasldb\nsasldb_path: /usr/lib/sasl2/logins\n")
        self._write("start", START.format(name=name, folder=self.folder))
        self._write("sendmail.mc", MC.format(name=name, folder=self.folder, sink=sink.port, lines="\n".join(lines)))
        made = subprocess.run(
            ["m4", f"-D_CF_DIR_={RULES}/", RULES / "m4/cf.m4", self.folder / "sendmail.mc"], check=True, capture_output=True, text=True
        )
        self._write("sendmail.cf", made.stdout)

    def add_login(self, user, password):
        """Whoever knows this password may submit (SMTP AUTH, CRAM-MD5)."""
        logins = self.folder / "logins"
        command = [MAKE_LOGIN, "-p", "-c", "-f", logins, "-u", self.name, user]
        subprocess.run(command, input=password, text=True, check=True, capture_output=True)
        logins.chmod(0o600)

    def start(self, ports):
        """`ports`: those that it will listen on."""
        atexit.register(self.stop)
        self._process = subprocess.Popen(
            [*TIED, "unshare", "--uts", "--mount", "sh", self.folder / "start", *self._command("-bD")],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )
        for port in ports:
            wait_until(lambda port=port: is_answering(port), "Sendmail to listen")

    def stop(self):
        """Ends the daemon and with it those that it started, by the group they share; safe to repeat."""
        if self._process is None:
            return
        process, self._process = self._process, None
        try:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(timeout=5)
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def run(self, *arguments):
        """Another command of this Sendmail; what it printed."""
        command = ["unshare", "--uts", "--mount", "sh", self.folder / "start", *self._command(*arguments)]
        return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout

    def _command(self, *arguments):
        return [PROGRAM, "-C", self.folder / "sendmail.cf", *arguments]

    def _write(self, name, text):
        (self.folder / name).write_text(text)
