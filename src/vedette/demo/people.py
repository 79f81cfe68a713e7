"""The people of the demo, who can sign in to the console: one for each of Sentinel's roles, made once for a data
directory. Their passwords are made up for it, and kept in a file of it that its owner alone may read."""

import json
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from vedette.access.directory_changes import DirectoryChanges
from vedette.access.directory_defaults import DEFAULT_DOMAIN
from vedette.access.directory_objects import Kind, principal_of
from vedette.access.role_definitions import SENTINEL_CONTRIBUTOR, SENTINEL_READER, SENTINEL_RESPONDER
from vedette.access.roles import Roles
from vedette.core.whole_files import write_whole

FILE_NAME: Final = "demo-people.json"

_FACT = "demo people"


@dataclass(frozen=True, slots=True)
class _Person:
    nickname: str
    name: str
    title: str
    role: str
    role_name: str


_PEOPLE = (
    _Person("noor", "Noor Haddad", "Detection engineer", SENTINEL_CONTRIBUTOR, "Microsoft Sentinel Contributor"),
    _Person("piet", "Piet de Vries", "Analyst", SENTINEL_RESPONDER, "Microsoft Sentinel Responder"),
    _Person("wren", "Wren Castle", "Auditor", SENTINEL_READER, "Microsoft Sentinel Reader"),
)


def add_people(changes: DirectoryChanges, roles: Roles, data: Path) -> Path:
    """Make them, with their roles in the first workspace's resource group, where workbooks and playbooks are too; the
    file of their names and passwords is given.

    A start that was cut off is taken up: the passwords are on the disk before anybody has one. What somebody changed
    later, such as taking a person away, stays changed.
    """
    file = data / FILE_NAME
    if _is_done(changes):
        return file
    if not file.exists():
        write_whole(file, json.dumps([_told(each) for each in _PEOPLE], indent=2).encode())
    passwords = {each["name"]: each["password"] for each in json.loads(file.read_bytes())}
    for person in _PEOPLE:
        name = _user_name(person)
        user = changes.directory.user(name) or changes.create(
            Kind.USER,
            {
                "accountEnabled": True,
                "displayName": person.name,
                "jobTitle": person.title,
                "mailNickname": person.nickname,
                "userPrincipalName": name,
                "passwordProfile": {"password": passwords[name]},
            },
        )
        roles.assign(principal_of(user, changes.directory.tenant_id), person.role, changes.estate.resource_group_id)
    with changes.state.transaction() as transaction:
        transaction.set_value(_FACT, True)
    return file


def _is_done(changes: DirectoryChanges) -> bool:
    with changes.state.transaction() as transaction:
        return transaction.get_value(_FACT) is True


def _user_name(person: _Person) -> str:
    return f"{person.nickname}@{DEFAULT_DOMAIN}"


def _told(person: _Person) -> dict[str, str]:
    password = f"v{secrets.token_urlsafe(15)}"
    return {"name": _user_name(person), "displayName": person.name, "role": person.role_name, "password": password}
