"""The demo's people: made once, each with a role, and with passwords that only the data's owner reads."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from vedette.access.directory import Directory
from vedette.access.directory_changes import DirectoryChanges
from vedette.access.roles import Roles
from vedette.access.sessions import Sessions
from vedette.access.sign_ins import SignIns
from vedette.core.clock import SystemClock
from vedette.core.ids import new_id
from vedette.demo.people import add_people

Add = Callable[[], list[dict[str, str]]]


@pytest.fixture
def changes(assemble: Callable[..., object]) -> DirectoryChanges:
    context = assemble(datetime.now(UTC)).context  # type: ignore[attr-defined]
    clock = SystemClock()
    directory = Directory(context.state, context.estate.tenant_id, clock)
    sessions = Sessions(context.state, context.estate.tenant_id, clock, new_id)
    return DirectoryChanges(context.state, directory, sessions, context.estate, new_id)


@pytest.fixture
def add(changes: DirectoryChanges, assemble: object, tmp_path: Path) -> Add:
    roles = Roles(changes.state, groups_of=changes.directory.groups_of, type_of=changes.directory.principal_type)
    return lambda: json.loads(add_people(changes, roles, tmp_path).read_bytes())


def test_each_has_a_role_and_can_sign_in(changes: DirectoryChanges, add: Add, tmp_path: Path) -> None:
    people = add()
    assert {each["role"].removeprefix("Microsoft Sentinel ") for each in people} == {
        "Contributor",
        "Responder",
        "Reader",
    }
    assert (tmp_path / "demo-people.json").stat().st_mode & 0o777 == 0o600
    sign_ins = SignIns(changes.directory, changes.sessions)
    for each in people:
        assert sign_ins.user(each["name"], each["password"], "127.0.0.1").name == each["displayName"]
    assert len({each["password"] for each in people}) == 3
    assert add() == people


def test_who_was_taken_away_stays_away(changes: DirectoryChanges, add: Add) -> None:
    name = add()[0]["name"]
    user = changes.directory.user(name)
    assert user is not None
    changes.delete(user)
    add()
    assert changes.directory.user(name) is None


def test_a_start_that_was_cut_off_is_taken_up(
    changes: DirectoryChanges, add: Add, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[object] = []
    create = DirectoryChanges.create

    def one_only(self: DirectoryChanges, kind: object, sent: object) -> object:
        if made:
            raise KeyboardInterrupt
        made.append(sent)
        return create(self, kind, sent)  # type: ignore[arg-type]

    monkeypatch.setattr(DirectoryChanges, "create", one_only)
    with pytest.raises(KeyboardInterrupt):
        add()
    monkeypatch.setattr(DirectoryChanges, "create", create)
    people = add()
    sign_ins = SignIns(changes.directory, changes.sessions)
    assert all(sign_ins.user(each["name"], each["password"], "127.0.0.1") for each in people)
