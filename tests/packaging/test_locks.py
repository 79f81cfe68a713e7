"""The lock files hold what pyproject.toml asks for, each with its hashes, and name no registry."""

import json
import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
RUNTIME = [*PROJECT["project"]["dependencies"], *PROJECT["build-system"]["requires"]]
DEVELOPMENT = [*RUNTIME, *PROJECT["dependency-groups"]["dev"]]


def locked(name: str) -> dict[str, str]:
    """The version of each package."""
    pins = re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^ \\;]+)", (ROOT / name).read_text(), re.MULTILINE)
    return {canonicalize_name(package): version for package, version in pins}


@pytest.mark.parametrize(("lock", "wanted"), [("requirements.lock", RUNTIME), ("requirements-dev.lock", DEVELOPMENT)])
def test_every_requirement_is_locked_at_a_version_that_it_allows(lock: str, wanted: list[str]) -> None:
    versions = locked(lock)
    for requirement in map(Requirement, wanted):
        version = versions.get(canonicalize_name(requirement.name))
        assert version is not None, f"{requirement.name} is not in {lock}: run 'make lock'"
        assert requirement.specifier.contains(version, prereleases=True), f"{lock} has {requirement.name} {version}"


def test_what_runs_is_what_is_tested() -> None:
    runtime, development = locked("requirements.lock"), locked("requirements-dev.lock")
    assert {name: development.get(name) for name in runtime} == runtime


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_every_package_has_hashes_and_no_line_has_an_address(lock: str) -> None:
    text = (ROOT / lock).read_text()
    assert "://" not in text
    for entry in re.split(r"\n(?=\S)", text.strip()):
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", entry), entry


@pytest.mark.parametrize(
    "lock", ["console/package-lock.json", "tests/analyser/package-lock.json", "tests/clients/node/package-lock.json"]
)
def test_every_package_of_npm_has_its_hash_and_no_line_has_an_address(lock: str) -> None:
    text = (ROOT / lock).read_text()
    packages = json.loads(text)["packages"]
    told = [{name: value for name, value in each.items() if name != "funding"} for each in packages.values()]
    assert "://" not in json.dumps(told)
    assert len(packages) > 1
    for name, package in packages.items():
        assert not name or package["integrity"].startswith("sha512-"), name
