"""Browsers, operating systems and devices by their User-Agent header, with the patterns of the ua-parser project."""

from collections.abc import Mapping
from functools import lru_cache

import orjson
from ua_parser import OS, Device, UserAgent, parse_device, parse_os, parse_user_agent

from vedette.engine.python.function import PythonFunction

_UNKNOWN = "Other"


@lru_cache(maxsize=4096)
def parsed(header: str | None, wanted: str | None) -> str | None:
    """JSON with `Browser`, `OperatingSystem`, `Device`, of which `wanted` names those to look for: `browser`, `os`,
    `device`, as JSON text of one or of an array; None where it names none.

    https://learn.microsoft.com/kusto/query/parse-user-agent-function
    """
    if header is None or not wanted:
        return None
    targets: object = orjson.loads(wanted)
    names = {str(target).lower() for target in (targets if isinstance(targets, list) else [targets])}
    found: dict[str, dict[str, str]] = {}
    if "browser" in names:
        found["Browser"] = _browser(parse_user_agent(header) or UserAgent(_UNKNOWN))
    if "os" in names:
        found["OperatingSystem"] = _system(parse_os(header) or OS(_UNKNOWN))
    if "device" in names:
        found["Device"] = _device(parse_device(header) or Device(_UNKNOWN))
    return orjson.dumps(found).decode() if found else None


def _browser(browser: UserAgent) -> dict[str, str]:
    return {
        "Family": browser.family,
        "MajorVersion": browser.major or "",
        "MinorVersion": browser.minor or "",
        "Patch": browser.patch or "",
    }


def _system(system: OS) -> dict[str, str]:
    return {
        "Family": system.family,
        "MajorVersion": system.major or "",
        "MinorVersion": system.minor or "",
        "Patch": system.patch or "",
        "PatchMinor": system.patch_minor or "",
    }


def _device(device: Device) -> dict[str, str]:
    return {"Family": device.family, "Brand": device.brand or "", "Model": device.model or ""}


FUNCTIONS: Mapping[str, PythonFunction] = {
    "py_useragents_parsed": PythonFunction(parsed, ("VARCHAR", "VARCHAR"), "VARCHAR")
}
"""By the names that SQL calls them by."""
