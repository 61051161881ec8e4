#!/usr/bin/python3
"""The Debian package: made, looked at by lintian, installed, upgraded, removed and purged, on a copy of this system that is
thrown away: an overlay in a mount namespace of its own."""

import os
import shutil
import subprocess
import sys

from harness.suite import Suite, expect, expect_equal
from harness.system import SKIPPED, exit_on_signals, program, temporary_folder

OLD, NEW = "0.1.0", "0.1.1"
CONFIGURATION = "etc/signet/signet.toml"
KEYS = "etc/signet/keys"

suite = Suite()


class Packages:
    """Both versions, and a shell in the copy that stays for the whole suite."""

    def __init__(self):
        exit_on_signals()
        self.folder = temporary_folder()
        self.build = os.path.dirname(program("signetd"))
        self.root = self.folder / "system"
        self.layer = self.folder / "layer"
        for path in (self.root, self.layer):
            path.mkdir()
        self.shell = None

    def __enter__(self):
        self.shell = subprocess.Popen(
            ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )
        status, said = self.do(
            f"mount -t tmpfs tmpfs {self.layer} && mkdir {self.layer}/upper {self.layer}/work && mount -t overlay overlay"
            f" -o lowerdir=/,upperdir={self.layer}/upper,workdir={self.layer}/work {self.root}"
            f" && mount -t proc proc {self.root}/proc && mount --bind /dev {self.root}/dev"
        )
        if status != 0:
            print(f"skipped: a copy of the system cannot be mounted here: {said.strip()}")
            sys.exit(SKIPPED)
        return self

    def __exit__(self, *_):
        self.shell.kill()
        self.shell.wait()

    def do(self, command):
        """Its status and what it said, from the shell that sees the copy."""
        self.shell.stdin.write(f"{command}\nprintf '\\n<%s>\\n' $?\n")
        self.shell.stdin.flush()
        said = ""
        for line in self.shell.stdout:
            if line.startswith("<") and line.endswith(">\n"):
                return int(line[1:-2]), said[:-1]
            said += line
        raise AssertionError(f"the shell ended: {said}")

    def run(self, command):
        """In the copy; must end well."""
        status, said = self.do(f"chroot {self.root} env DEBIAN_FRONTEND=noninteractive {command} </dev/null")
        expect_equal(status, 0, f"status of {command!r}; it said {said!r}")
        return said

    def has(self, path):
        return self.do(f"test -e {self.root}/{path}")[0] == 0

    def install(self, version):
        package = self.make(version)
        self.do(f"cp {package} {self.root}/signet.deb")
        return self.run("dpkg --install /signet.deb")

    def make(self, version):
        """The path of the package, made once."""
        path = self.folder / version / f"signet_{version}_amd64.deb"
        if not path.exists():
            command = ["cpack", "-G", "DEB", "-B", str(path.parent), "-D", f"CPACK_PACKAGE_VERSION={version}"]
            made = subprocess.run(command, cwd=self.build, capture_output=True, text=True, check=False)
            expect(path.exists(), made.stdout + made.stderr)
        return path


@suite.case("lintian finds nothing in the package that is not in its list of overrides")
def lintian(world):
    if not shutil.which("lintian"):
        print("    not looked at: lintian is not installed")
        return
    command = ["lintian", "--allow-root", "--fail-on", "error,warning", str(world.make(OLD))]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    expect_equal((found.returncode, found.stdout), (0, ""), "what lintian says")


@suite.case("installed, it has its user, its folders and a configuration that is good, and has started nothing")
def installed(world):
    world.install(OLD)
    expect("signet:" in world.run("getent passwd signet"), "user signet")
    expect_equal(world.run(f"stat -c '%U %G %a' /{KEYS}"), "root signet 750\n", "owner and mode of the keys' folder")
    expect("ok" in world.run(f"/usr/sbin/signetd --check /{CONFIGURATION}"), "the configuration")
    expect(world.run("signet --version").startswith("signet "), "the tool")
    expect_equal(world.do(f"chroot {world.root} pidof signetd")[1], "", "processes")
    expect(world.has("usr/share/man/man5/signet.toml.5.gz"), "the manual page")
    for file in ("grafana/signet.json", "prometheus/signet.rules.yml"):
        expect(world.has(f"usr/share/signet/{file}"), file)
    expect("--queue-id" in world.run("cat /usr/share/bash-completion/completions/signet"), "completion for bash")
    expect(world.run("head -n 1 /usr/share/zsh/vendor-completions/_signet") == "#compdef signet\n", "completion for zsh")
    expect(world.has("lib/systemd/system/signet.socket"), "the socket's unit")
    expect(not world.has("etc/systemd/system/sockets.target.wants/signet.socket"), "it is not enabled")


@suite.case("upgraded, it keeps the configuration as it was changed, and the keys")
def upgraded(world):
    world.run(f"sh -c 'echo \"# mine\" >> /{CONFIGURATION}; echo key > /{KEYS}/a.pem'")
    world.install(NEW)
    expect_equal(world.run("dpkg-query -W -f '${Version}' signet"), NEW, "version")
    expect(world.run(f"tail -n 1 /{CONFIGURATION}") == "# mine\n", "the changed configuration")
    expect(world.has(f"{KEYS}/a.pem"), "the key")


@suite.case("removed, the configuration stays; purged, it goes, but never a private key")
def removed(world):
    world.run("dpkg --remove signet")
    expect(world.has(CONFIGURATION) and not world.has("usr/sbin/signetd"), "what is left when removed")
    said = world.run("dpkg --purge signet")
    expect("the keys in /etc/signet/keys are left there" in said, said)
    expect(not world.has(CONFIGURATION) and world.has(f"{KEYS}/a.pem"), "what is left when purged")
    world.install(NEW)
    world.run(f"rm /{KEYS}/a.pem")
    world.run("dpkg --purge signet")
    expect(not world.has("etc/signet"), "nothing is left where there are no keys")


if __name__ == "__main__":
    suite.main(Packages)
