"""A Postfix of our own on loopback: own configuration, own queue, own log; the system's is never touched.

It is real in every part that matters to a milter: smtpd and cleanup run in their chroot as on Debian, mail by
sendmail(1) goes through pickup, bounces through cleanup. Mail is delivered to Maildirs in its folder, also that for
the rest of the world, so nothing ever leaves the machine.
"""

import atexit
import grp
import json
import os
import pwd
import signal
import subprocess

from harness.mail import Arrived
from harness.system import TIED, free_port, is_answering, wait_until

DAEMONS = "/usr/lib/postfix/sbin"
QUEUE_FOLDERS = "active bounce corrupt defer deferred flush hold incoming private saved trace".split()
REPLACED_SERVICES = ("smtp      inet",)  # of Debian's master.cf: we add our own listeners

# local_header_rewrite_clients: XCLIENT does not change who is local to Postfix, and a local client's From is mended.
MAIN_CF = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {folder}/mail.log
maillog_file_prefixes = {folder}
mail_owner = postfix
setgid_group = postdrop
inet_interfaces = 127.0.0.1
myhostname = {name}
myorigin = {name}
mydestination =
alias_maps =
alias_database =
mynetworks = 127.0.0.0/8
virtual_mailbox_domains = {domains}
virtual_mailbox_base = {folder}/mail
virtual_mailbox_maps = static:all/
virtual_uid_maps = static:65534
virtual_gid_maps = static:65534
virtual_mailbox_limit = 0
default_transport = virtual
relay_transport = virtual
transport_maps = inline:{{ {{ nowhere.example = error:5.1.1 There is no such mailbox }} }}
message_size_limit = 60000000
smtputf8_enable = yes
smtpd_authorized_xclient_hosts = 127.0.0.0/8
smtpd_peername_lookup = no
smtpd_error_sleep_time = 0
smtpd_recipient_restrictions = permit_mynetworks, permit_sasl_authenticated, reject_unauth_destination
local_header_rewrite_clients =
smtp_dns_support_level = disabled
internal_mail_filter_classes = bounce
milter_default_action = tempfail
milter_connect_timeout = 5s
milter_content_timeout = 60s
"""


class PrivatePostfix:
    """Listeners are declared as {name: {parameter: value}}, each an smtpd of its own; `settings` go into main.cf."""

    def __init__(self, folder, listeners, settings=None, name="mx.receiver.example", domains=("receiver.example",)):
        self.folder = folder
        self.name = name
        self.ports = {listener: free_port() for listener in listeners}
        self._make_folders()
        self._write_configuration(listeners, dict(settings or {}), " ".join(domains))
        self._master = None
        self._arrived = {}  # file -> Arrived: each is read once

    @property
    def queue(self):
        return self.folder / "queue"

    @property
    def configuration(self):
        return self.folder / "etc"

    def start(self):
        atexit.register(self.stop)
        self._master = subprocess.Popen(
            [*TIED, f"{DAEMONS}/master", "-c", str(self.configuration)],
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for port in self.ports.values():
            wait_until(lambda port=port: self._is_up(port), "Postfix to listen")

    def stop(self):
        """Ends master and with it its process group, by their ids; safe to repeat."""
        if self._master is None:
            return
        master, self._master = self._master, None
        master.terminate()
        try:
            master.wait(timeout=10)
        except subprocess.TimeoutExpired:
            pass
        try:
            os.killpg(master.pid, signal.SIGKILL)  # master made itself its group's leader
        except ProcessLookupError:
            pass
        master.wait()

    def sendmail(self, message, sender, recipients):
        """Submits a message as programs on the mail server do."""
        command = ["/usr/sbin/sendmail", "-C", str(self.configuration), "-i", "-f", sender, "--", *recipients]
        subprocess.run(command, input=message.replace(b"\r\n", b"\n"), env=self._environment(), check=True)

    def mailbox(self, address):
        """What was delivered to this address, oldest first; for the outside world's addresses, too."""
        for file in (self.folder / "mail" / "all" / "new").glob("*"):
            if file not in self._arrived:
                self._arrived[file] = Arrived(file.read_bytes())
        mine = [item for item in self._arrived.items() if address in item[1].fields("Delivered-To")]
        return [message for _, message in sorted(mine, key=lambda item: item[0].stat().st_mtime_ns)]

    def wait_for_mail(self, address, count=1, timeout=30):
        """The newest message for this address, once there are as many."""
        wait_until(lambda: len(self.mailbox(address)) >= count, f"mail for {address}", timeout)
        return self.mailbox(address)[-1]

    def is_held(self, queue_id):
        return (self.queue / "hold" / queue_id).exists()

    def held(self):
        """The hold queue as postqueue(1) tells it: a list of its JSON objects."""
        output = self._run("postqueue", "-j")
        return [entry for entry in map(json.loads, output.splitlines()) if entry["queue_name"] == "hold"]

    def held_message(self, queue_id):
        return Arrived(self._run("postcat", "-bhq", queue_id, text=False))

    def log(self):
        return (self.folder / "mail.log").read_text(errors="replace")

    def _run(self, program, *arguments, text=True):
        command = [f"/usr/sbin/{program}", "-c", str(self.configuration), *arguments]
        return subprocess.run(command, env=self._environment(), check=True, capture_output=True, text=text).stdout

    def _is_up(self, port):
        if self._master.poll() is not None:
            raise AssertionError(f"Postfix's master ended with status {self._master.returncode}")
        return is_answering(port)

    def _environment(self):
        return {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "MAIL_CONFIG": str(self.configuration), "LC_ALL": "C"}

    def _make_folders(self):
        """The folders that `postfix set-permissions` would make, with its owners and modes."""
        postfix, postdrop = pwd.getpwnam("postfix").pw_uid, grp.getgrnam("postdrop").gr_gid
        for name in ("etc", "queue", "queue/pid"):
            self._make_folder(name, 0, 0, 0o755)
        self._make_folder("data", postfix, -1, 0o700)
        self._make_folder("mail", 65534, 65534, 0o755)
        for name in QUEUE_FOLDERS:
            self._make_folder(f"queue/{name}", postfix, -1, 0o700)
        self._make_folder("queue/maildrop", postfix, postdrop, 0o730)
        self._make_folder("queue/public", postfix, postdrop, 0o710)

    def _make_folder(self, name, owner, group, mode):
        path = self.folder / name
        path.mkdir()
        os.chown(path, owner, group)
        path.chmod(mode)

    def _write_configuration(self, listeners, settings, domains):
        etc = self.configuration
        main = MAIN_CF.format(folder=self.folder, name=self.name, domains=domains)
        (etc / "main.cf").write_text(main + "".join(f"{key} = {value}\n" for key, value in settings.items()))
        with open("/usr/share/postfix/master.cf.dist", encoding="ascii") as shipped:
            services = [line for line in shipped if not line.startswith(REPLACED_SERVICES)]
        services += [self._service(listener, options) for listener, options in listeners.items()]
        (etc / "master.cf").write_text("".join(services))

    def _service(self, listener, options):
        head = f"127.0.0.1:{self.ports[listener]} inet n - y - - smtpd\n  -o syslog_name=postfix/{listener}\n"
        return head + "".join(f"  -o {{ {key} = {value} }}\n" for key, value in options.items())
