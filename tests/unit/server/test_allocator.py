import os
import subprocess
import sys

import pytest

_COUNTED = """
import ctypes, os, sys, threading
from vedette.server.allocator import keep_pools_few

if sys.argv[1] == "bounded":
    keep_pools_few()
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
libc.malloc.argtypes = [ctypes.c_size_t]
libc.fopen.restype = ctypes.c_void_p
libc.fopen.argtypes = [ctypes.c_char_p, ctypes.c_char_p]
libc.malloc_info.argtypes = [ctypes.c_int, ctypes.c_void_p]
libc.fclose.argtypes = [ctypes.c_void_p]
every = threading.Barrier(8 * (os.cpu_count() or 1))

def work():
    every.wait()
    libc.malloc(1000)
    every.wait()

threads = [threading.Thread(target=work) for _ in range(every.parties)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
file = libc.fopen(b"/proc/self/fd/1", b"w")
libc.malloc_info(0, file)
libc.fclose(file)
"""


def _pools(*, bounded: bool) -> int:
    argument = "bounded" if bounded else "as they are"
    told = subprocess.run(
        [sys.executable, "-c", _COUNTED, argument], capture_output=True, text=True, check=True, timeout=60
    )
    return told.stdout.count("<heap nr=")


@pytest.mark.skipif(sys.platform != "linux", reason="glibc's pools")
def test_the_c_library_keeps_as_few_pools_as_there_are_processors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MALLOC_ARENA_MAX", raising=False)
    monkeypatch.delenv("GLIBC_TUNABLES", raising=False)
    most = max(2, os.cpu_count() or 1)
    if _pools(bounded=False) <= most:
        pytest.skip("this C library makes no pools of its own")
    assert _pools(bounded=True) <= most


def test_who_set_the_pools_in_the_environment_is_obeyed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MALLOC_ARENA_MAX", "64")
    assert _pools(bounded=True) == _pools(bounded=False)
