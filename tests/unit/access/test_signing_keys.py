"""Signing keys: kept privately, changed on command, and old ones verify for as long as their tokens live."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from vedette.access.signing_keys import LEEWAY, LIFETIME, SigningKeys
from vedette.core.clock import VirtualClock
from vedette.core.errors import VedetteError

START = datetime(2026, 1, 1, tzinfo=UTC)


def test_the_key_is_kept_privately(tmp_path: Path) -> None:
    path = tmp_path / "tokens.key"
    first = SigningKeys(path, VirtualClock(START)).current
    assert SigningKeys(path, VirtualClock(START)).current.kid == first.kid
    assert path.stat().st_mode & 0o777 == 0o600


def test_an_old_key_verifies_until_its_tokens_have_expired(tmp_path: Path) -> None:
    path, clock = tmp_path / "tokens.key", VirtualClock(START)
    keys = SigningKeys(path, clock)
    first = keys.current.kid
    second = keys.rotate().kid
    assert keys.current.kid == second != first
    assert [key["kid"] for key in keys.public()["keys"]] == [second, first]
    again = SigningKeys(path, clock)
    assert (again.current.kid, again.get(first) is not None) == (second, True)
    assert all(set(key) == {"kty", "n", "e", "kid", "use", "alg"} for key in again.public()["keys"])
    clock.advance(LIFETIME + LEEWAY)
    assert again.get(first) is not None
    clock.advance(timedelta(seconds=2))
    assert again.get(first) is None
    assert [key["kid"] for key in again.public()["keys"]] == [second]
    again.rotate()
    assert path.read_text().count("BEGIN") == 2


@pytest.mark.parametrize(
    "content", ["not a key", "", "Verifies until: 1\n", "-----BEGIN X-----\nAAAA\n-----END X-----\n"]
)
def test_a_damaged_file_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / "tokens.key").write_text(content)
    with pytest.raises(VedetteError, match=r"tokens\.key") as refused:
        SigningKeys(tmp_path / "tokens.key", VirtualClock(START))
    assert refused.value.code == "SigningKeyUnreadable"
