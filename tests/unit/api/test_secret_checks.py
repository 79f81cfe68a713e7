"""Where secrets are compared, a flood of them is turned away."""

import threading

import anyio
import pytest

from vedette.api.secret_checks import SecretChecks
from vedette.core.errors import Throttled


def test_no_more_than_so_many_wait() -> None:
    checks, go_on, refused = SecretChecks(), threading.Event(), list[Throttled]()

    async def one() -> None:
        try:
            await checks.run(go_on.wait, 10)
        except Throttled as error:
            refused.append(error)
            go_on.set()

    async def many() -> None:
        async with anyio.create_task_group() as group:
            for _ in range(201):
                group.start_soon(one)

    anyio.run(many)
    assert len(refused) == 1

    async def again() -> None:
        assert await checks.run(lambda: "checked") == "checked"

    anyio.run(again)


def test_a_check_that_fails_leaves_its_place() -> None:
    checks = SecretChecks()

    def wrong() -> None:
        raise ValueError("no")

    async def often() -> None:
        for _ in range(300):
            with pytest.raises(ValueError, match="no"):
                await checks.run(wrong)

    anyio.run(often)
