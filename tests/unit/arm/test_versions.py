import pytest

from vedette.arm.versions import require_version
from vedette.core.errors import InvalidInput


@pytest.mark.parametrize("version", ["2024-03-01", "2025-10-01-preview", "2017-04-26-Preview", "2030-01-01-beta.1"])
def test_any_well_formed_version_is_served(version: str) -> None:
    assert require_version(version) == version.lower()


@pytest.mark.parametrize("version", [None, ""])
def test_a_version_is_needed(version: str | None) -> None:
    with pytest.raises(InvalidInput, match="api-version query parameter") as refused:
        require_version(version)
    assert refused.value.code == "MissingApiVersionParameter"


@pytest.mark.parametrize(
    "version", ["2024", "2024-13-01", "2024-02-30", "2024-03-01-", "v1", "2024-03-01 ", "latest", "２024-03-01"]
)
def test_a_malformed_version_is_refused(version: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        require_version(version)
    assert refused.value.code == "InvalidApiVersionParameter"
