"""Keeps the C library from holding on to memory that is free: few pools of it, and what is free in them given back.

glibc gives each thread that finds the pools busy one more, up to eight for each processor, and hands little of a pool
back. A server of many threads ends with most of its memory free and held: 154 of 201 MB were after three minutes of
the soak, and 64 of 112 with two pools. https://www.gnu.org/software/libc/manual/html_node/Memory-Allocation-Tunables.html
"""

import asyncio
import ctypes
import gc
import os
from contextlib import suppress
from typing import Final

from anyio.to_thread import run_sync

LEAST_POOLS: Final = 2

_M_ARENA_MAX: Final = -8  # malloc.h
_EVERY = 20.0  # seconds


def keep_pools_few() -> None:
    """Bound the pools, unless the environment says how many there may be. Call it before there are threads; it changes
    nothing where the C library is not glibc."""
    if "MALLOC_ARENA_MAX" in os.environ or "GLIBC_TUNABLES" in os.environ:
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_ARENA_MAX, max(LEAST_POOLS, os.cpu_count() or 1))


async def give_back_memory(stop: asyncio.Event) -> None:
    """Give the system what is free, now and from time to time until `stop`.

    What the start has made stays for the life of the process, so it is taken out of the collector's sight first: a
    full collection then takes as long as what came after is large.
    """
    gc.collect()
    gc.freeze()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    while trim is not None and not stop.is_set():
        await run_sync(trim, 0, abandon_on_cancel=True)
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), _EVERY)
