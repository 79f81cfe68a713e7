"""Run inside a script's own namespaces before it: makes the file system read-only, hides the server's data, devices and
what the kernel can be told, opens the one way out, to the server, and gives up every capability. Where the server is
root, the script is too as far as files go, and only that keeps it from them. It imports nothing of Vedette and is told
all by one file.

https://man7.org/linux/man-pages/man7/user_namespaces.7.html, https://man7.org/linux/man-pages/man7/mount_namespaces.7.html
"""

import ctypes
import fcntl
import json
import os
import resource
import socket
import struct
import subprocess
import sys
import threading
from pathlib import Path

_MS_RDONLY, _MS_REMOUNT, _MS_BIND, _MS_REC, _MS_PRIVATE = 1, 32, 4096, 16384, 1 << 18
_PR_CAPBSET_DROP, _PR_SET_NO_NEW_PRIVS, _LAST_CAPABILITY = 24, 38, 63
_SIOCGIFFLAGS, _SIOCSIFFLAGS, _IFF_UP = 0x8913, 0x8914, 1
_HIDDEN = ("/sys", "/run", "/var/run")
"""Empty for a script: what the kernel can be told, and sockets of other programs."""

_READ_ONLY = ("/proc/sys", "/proc/sysrq-trigger", "/proc/irq", "/proc/bus", "/proc/fs", "/proc/acpi", "/proc/scsi")
_DEVICES = ("null", "zero", "full", "random", "urandom")
_LINKS = {"fd": "/proc/self/fd", "stdin": "/proc/self/fd/0", "stdout": "/proc/self/fd/1", "stderr": "/proc/self/fd/2"}
_libc = ctypes.CDLL(None, use_errno=True)


def main(told: str) -> int:
    """Prepare, run the script, and end as it ends."""
    config = json.loads(Path(told).read_text(encoding="utf-8"))
    _close_files(config["directory"], config["hidden"])
    _open_loopback()
    for port, way in config["ports"].items():
        _relay(int(port), way, config["socket"])
    done = subprocess.run(
        config["command"],
        cwd=config["directory"],
        env=config["environment"],
        stdin=subprocess.DEVNULL,
        preexec_fn=lambda: _give_up(config["memory"], config["file"]),
        check=False,
    )
    return done.returncode if done.returncode >= 0 else 128 - done.returncode


def _mount(source: str, target: str, kind: str, flags: int, must: bool = True, options: str = "") -> None:
    told = options.encode() or None
    if _libc.mount(source.encode(), target.encode(), kind.encode(), flags, told) and must:
        raise OSError(ctypes.get_errno(), f"{target} cannot be mounted")


def _close_files(directory: str, hidden: "list[str]") -> None:
    """Everything is read-only but the script's directory; what is hidden is empty. Raises OSError."""
    _mount("none", "/", "none", _MS_REC | _MS_PRIVATE)
    _mount(directory, directory, "none", _MS_BIND)
    mounts = Path("/proc/self/mounts").read_text(encoding="utf-8").splitlines()
    places = [line.split()[1].encode().decode("unicode_escape") for line in mounts]
    for place in places:
        if place != directory and not place.startswith(("/proc", "/dev", "/sys")):
            _mount("none", place, "none", _MS_BIND | _MS_REMOUNT | _MS_RDONLY, must=place == "/")
    _few_devices(Path(directory, ".dev"))
    for place in (each for each in _READ_ONLY if Path(each).exists()):
        _mount(place, place, "none", _MS_BIND)
        _mount("none", place, "none", _MS_BIND | _MS_REMOUNT | _MS_RDONLY)
    for place in (*filter(_is_folder, _HIDDEN), *hidden):
        _mount("none", place, "tmpfs", 0)
        _mount("none", place, "none", _MS_BIND | _MS_REMOUNT | _MS_RDONLY)
    os.chdir(directory)


def _is_folder(place: str) -> bool:
    return Path(place).is_dir() and not Path(place).is_symlink()


def _few_devices(staged: Path) -> None:
    """Of /dev only what every program needs; disks and terminals are not there."""
    staged.mkdir()
    _mount("none", str(staged), "tmpfs", 0, options="size=16m,mode=755")
    for name in _DEVICES:
        (staged / name).touch()
        _mount(f"/dev/{name}", str(staged / name), "none", _MS_BIND)
    for name, leads_to in _LINKS.items():
        (staged / name).symlink_to(leads_to)
    (staged / "shm").mkdir(mode=0o1777)
    _mount(str(staged), "/dev", "none", _MS_BIND | _MS_REC)


def _open_loopback() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        asked = struct.pack("16sh14x", b"lo", 0)
        flags = struct.unpack("16sh14x", fcntl.ioctl(one, _SIOCGIFFLAGS, asked))[1]
        fcntl.ioctl(one, _SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", flags | _IFF_UP))


def _relay(port: int, way: str, path: str) -> None:
    """Have a port of this namespace lead through the socket that the server listens at; `way` says where to."""
    listener = socket.create_server(("127.0.0.1", port))
    threading.Thread(target=_accept, args=(listener, way, path), daemon=True).start()


def _accept(listener: socket.socket, way: str, path: str) -> None:
    while True:
        inner, _ = listener.accept()
        outer = socket.socket(socket.AF_UNIX)
        outer.connect(path)
        outer.sendall(way.encode() + b"\n")
        for one, other in ((inner, outer), (outer, inner)):
            threading.Thread(target=_pump, args=(one, other), daemon=True).start()


def _pump(one: socket.socket, other: socket.socket) -> None:
    try:
        while data := one.recv(65536):
            other.sendall(data)
        other.shutdown(socket.SHUT_WR)
    except OSError:
        other.close()


def _give_up(memory: int, file: int) -> None:
    """Limits, and no capability in these namespaces, nor by what is executed."""
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_FSIZE, (file, file))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for capability in range(_LAST_CAPABILITY + 1):
        _libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0)
    _libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
