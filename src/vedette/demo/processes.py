"""Benign process starts: office work, management agents, and an administrator who looks around now and then."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from vedette.core.ids import derived_id
from vedette.demo.cast import ADMINISTRATOR, NT_DOMAIN, PEOPLE, Person
from vedette.demo.moments import Moments

TABLE = "DeviceProcessEvents"

_PER_PERSON = 36
_SYSTEM = r"C:\Windows\System32"
_POWERSHELL = r"C:\Windows\System32\WindowsPowerShell\v1.0"
_OFFICE = r"C:\Program Files\Microsoft Office\root\Office16"
_INVENTORY = "RwBlAHQALQBDAGkAbQBJAG4AcwB0AGEAbgBjAGUAIABXAGkAbgAzADIAXwBQAHIAbwBkAHUAYwB0AA=="

# (what starts it, file, folder, command line)
_EVERYDAY = (
    ("explorer.exe", "outlook.exe", _OFFICE, "OUTLOOK.EXE"),
    ("explorer.exe", "winword.exe", _OFFICE, 'WINWORD.EXE /n "C:\\Users\\Public\\Documents\\waybill.docx"'),
    ("explorer.exe", "excel.exe", _OFFICE, 'EXCEL.EXE "C:\\Users\\Public\\Documents\\tariffs.xlsx"'),
    (
        "explorer.exe",
        "msedge.exe",
        r"C:\Program Files (x86)\Microsoft\Edge\Application",
        "msedge.exe --profile=Default",
    ),
    ("msedge.exe", "msedge.exe", r"C:\Program Files (x86)\Microsoft\Edge\Application", "msedge.exe --type=renderer"),
    ("explorer.exe", "planner.exe", r"C:\Program Files\Freight Planner", "planner.exe --sync"),
    ("services.exe", "svchost.exe", _SYSTEM, "svchost.exe -k netsvcs -p -s Schedule"),
    ("svchost.exe", "taskhostw.exe", _SYSTEM, "taskhostw.exe"),
    ("svchost.exe", "backgroundtaskhost.exe", _SYSTEM, "backgroundTaskHost.exe -ServerName:App"),
    ("explorer.exe", "notepad.exe", _SYSTEM, "notepad.exe"),
    ("ccmexec.exe", "powershell.exe", _POWERSHELL, f"powershell.exe -NoProfile -EncodedCommand {_INVENTORY}"),
    ("svchost.exe", "powershell.exe", _POWERSHELL, "powershell.exe -File C:\\Scripts\\rotate-logs.ps1"),
)
_ADMINISTRATION = ("whoami.exe", "ipconfig.exe", "tasklist.exe")


def process_start(
    person: Person, moment: datetime, parent: str, file: str, folder: str, command: str
) -> dict[str, Any]:
    """One row of DeviceProcessEvents: a process started in the person's session on the person's laptop."""
    identity = derived_id("process", person.host, moment.isoformat(), command)
    return {
        "TimeGenerated": moment,
        "Timestamp": moment,
        "ActionType": "ProcessCreated",
        "DeviceName": person.host,
        "DeviceId": derived_id("device", person.host),
        "AccountDomain": NT_DOMAIN,
        "AccountName": person.account,
        "AccountUpn": person.principal_name,
        "FileName": file,
        "FolderPath": f"{folder}\\{file}",
        "ProcessCommandLine": command,
        "ProcessId": int(identity[:4], 16) * 4,
        "ProcessCreationTime": moment,
        "ProcessIntegrityLevel": "Medium",
        "InitiatingProcessFileName": parent,
        "InitiatingProcessAccountName": person.account,
        "SHA256": "".join(derived_id("file", file, part).replace("-", "") for part in ("1", "2")),
    }


def system_tool(person: Person, moment: datetime, parent: str, file: str, arguments: str = "") -> dict[str, Any]:
    """A tool that comes with Windows, started by hand."""
    return process_start(person, moment, parent, file, _SYSTEM, f"{file} {arguments}".strip())


def powershell(person: Person, moment: datetime, parent: str, arguments: str) -> dict[str, Any]:
    """PowerShell with these arguments."""
    return process_start(person, moment, parent, "powershell.exe", _POWERSHELL, f"powershell.exe {arguments}")


def benign_processes(moments: Moments) -> Iterator[dict[str, Any]]:
    """A day of process starts on every laptop."""
    for person in PEOPLE:
        for _ in range(_PER_PERSON):
            yield process_start(person, moments.any(), *moments.chance.choice(_EVERYDAY))
    for tool in _ADMINISTRATION * 4:
        yield system_tool(ADMINISTRATOR, moments.any(), "cmd.exe", tool)
    yield powershell(ADMINISTRATOR, moments.before_end(hours=16), "cmd.exe", f"-enc {_INVENTORY}")
