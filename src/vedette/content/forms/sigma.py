"""Sigma rules, turned into analytics rules by pySigma and its Kusto backend, which the extra `sigma` installs.

https://sigmahq.io/docs/digging-deeper/backends.html
"""

from collections.abc import Iterator, Mapping
from typing import Any

from vedette.content.forms import rule
from vedette.content.forms.place import Place
from vedette.content.item import Item
from vedette.content.kinds import ALERT_RULE
from vedette.content.plain_values import list_of
from vedette.content.problem import Problem, WrongContent
from vedette.content.stable_names import stable_name
from vedette.content.target import PIPELINES

FORM = "sigma"

_SEVERITIES = {"informational": "Informational", "low": "Low", "medium": "Medium", "high": "High", "critical": "High"}
_LONGEST = 300


def is_sigma(value: Mapping[str, Any]) -> bool:
    """Whether a mapping is a Sigma rule."""
    return "detection" in value and "logsource" in value


def read(place: Place, value: Mapping[str, Any]) -> Iterator[Item | Problem]:
    """An analytics rule that runs hourly over the last hour. Raises WrongContent for what cannot be turned into KQL."""
    queries = _queries(value, place.target.sigma_pipeline)
    if len(queries) != 1:
        raise WrongContent(f"the rule gives {len(queries)} queries, and one is needed")
    title = str(value.get("title") or "")
    name = str(value.get("id") or "").strip() or stable_name(ALERT_RULE, title)
    told: dict[str, Any] = {
        "name": title,
        "description": str(value["description"]) if value.get("description") else None,
        "severity": _SEVERITIES.get(str(value.get("level") or "medium").lower(), "Medium"),
        "query": queries[0],
        "queryFrequency": "1h",
        "queryPeriod": "1h",
        **_attack([str(each) for each in list_of(value.get("tags"))]),
    }
    properties = rule.properties_of(told, "Scheduled", None)
    yield Item(ALERT_RULE, name, {"kind": "Scheduled", "properties": properties}, source=place.source(FORM))


def _attack(tags: list[str]) -> dict[str, list[str]]:
    """Tactics and techniques from tags such as `attack.credential-access` and `attack.t1003.001`."""
    words = [each.lower().removeprefix("attack.") for each in tags if each.lower().startswith("attack.")]
    folded = [word.replace("-", "").replace("_", "") for word in words]
    techniques = [word.upper() for word in words if word[:1] == "t" and word[1:5].isdigit()]
    told = {
        "tactics": [rule.TACTICS[word] for word in folded if word in rule.TACTICS],
        "relevantTechniques": list(dict.fromkeys(techniques)),
    }
    return {name: each for name, each in told.items() if each}


def _queries(value: Mapping[str, Any], pipeline: str) -> list[str]:
    try:
        from sigma.backends.kusto import KustoBackend  # noqa: PLC0415  # pyright: ignore[reportMissingTypeStubs]
        from sigma.collection import SigmaCollection  # noqa: PLC0415
    except ImportError as error:
        raise WrongContent("this is a Sigma rule; install what reads it: pip install 'vedette[sigma]'") from error
    try:
        backend = KustoBackend(processing_pipeline=_pipeline(pipeline))
        return [str(each) for each in backend.convert(SigmaCollection.from_dicts([dict(value)]))]
    except Exception as error:
        # beside SigmaError: NotImplementedError for modifiers that Kusto has nothing for, TypeError and the like for
        # values of another type than is meant, which pySigma does not look at
        told = " ".join(str(error).split())
        raise WrongContent(f"it cannot be turned into KQL by {pipeline}: {told[:_LONGEST]}") from error


def _pipeline(name: str) -> Any:
    match name:
        case "azure_monitor":
            from sigma.pipelines.azuremonitor import azure_monitor_pipeline  # noqa: PLC0415  # pyright: ignore[reportMissingTypeStubs]

            return azure_monitor_pipeline()
        case "sentinel_asim":
            from sigma.pipelines.sentinelasim import sentinel_asim_pipeline  # noqa: PLC0415  # pyright: ignore[reportMissingTypeStubs]

            return sentinel_asim_pipeline()
        case "microsoft_xdr":
            from sigma.pipelines.microsoftxdr import microsoft_xdr_pipeline  # noqa: PLC0415  # pyright: ignore[reportMissingTypeStubs]

            return microsoft_xdr_pipeline()
        case _:
            raise WrongContent(f"there is no pipeline '{name}'; there are {', '.join(PIPELINES)}")
