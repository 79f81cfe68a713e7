"""The template of what is in a resource group, such that deploying it makes the same elsewhere.

https://learn.microsoft.com/rest/api/resources/resource-groups/export-template
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

from vedette.arm.call import Answer, Call
from vedette.arm.context import Context
from vedette.arm.operations import error_body
from vedette.arm.published_body import published_body
from vedette.arm.resource import Resource
from vedette.arm.resource_ids import ResourcePath, parse_id
from vedette.arm.templates.syntax import escaped
from vedette.core.errors import InvalidInput, NotFound, Unsupported, VedetteError
from vedette.sentinel.deployments.facts import Machine, management_of, newest_version
from vedette.state.documents import Document

_SCHEMA: Final = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"
_FORMATS: Final = ("json",)
_DEFAULTS, _NO_NAMES, _NOTHING, _COMMENTS = (
    "includeparameterdefaultvalue",
    "skipresourcenameparameterization",
    "skipallparameterization",
    "includecomments",
)
_OPTIONS: Final = frozenset({_DEFAULTS, _NO_NAMES, _NOTHING, _COMMENTS})
_BESIDE: Final = ("kind", "location", "tags", "sku", "plan", "identity", "properties")
_BELOW: Final = frozenset({
    "microsoft.operationalinsights/workspaces/savedsearches",
    "microsoft.operationalinsights/querypacks/queries",
    "microsoft.securityinsights/alertrules",
    "microsoft.securityinsights/automationrules",
    "microsoft.securityinsights/contentpackages",
    "microsoft.securityinsights/contenttemplates",
    "microsoft.securityinsights/metadata",
    "microsoft.securityinsights/onboardingstates",
    "microsoft.insights/diagnosticsettings",
    "microsoft.insights/datacollectionruleassociations",
})  # fmt: skip
"""What belongs to resources and is described by its document: not what they work on, such as incidents and rows."""

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Exported:
    """A resource to export. `above` is the exported one that it is under, or hangs on."""

    document: Document
    path: ResourcePath
    resource: Resource
    above: "_Exported | None" = None

    @property
    def parameter(self) -> str:
        """The name of the parameter that its name becomes, such as `workspaces_soc_name`."""
        name = re.sub(r"\W", "_", self.document.name, flags=re.ASCII)
        return f"{self.path.types[-1]}_{name}_name"


def export_group(context: Context, call: Call, group: Document) -> Answer:
    """The template, and an `error` that names what could not be exported."""
    body: Json = {name.lower(): each for name, each in cast("Json", call.body or {}).items()}
    options = _options(body.get("options"))
    if str(body.get("outputformat") or "Json").lower() not in _FORMATS:
        raise Unsupported("OperationNotSupported", "A group is exported as Json: Bicep is not written here.")
    found = _wanted(context, call, group, body.get("resources"))
    errors: list[Json] = []
    resources: list[Json] = []
    writer = _Writer(context, call, found, options)
    for each in found:
        try:
            resources.append(writer.resource(each))
        except VedetteError as error:
            errors.append({**error_body(error), "target": each.document.id})
    template = {
        "$schema": _SCHEMA,
        "contentVersion": "1.0.0.0",
        "parameters": writer.parameters(),
        "variables": {},
        "resources": resources,
    }
    answer: Json = {"template": template}
    if errors:
        message = "Some of the resources were not exported. Please see details for more information."
        answer["error"] = {"code": "ExportTemplateCompletedWithErrors", "message": message, "details": errors}
    return Answer(200, answer)


def _options(sent: Any) -> frozenset[str]:
    options = frozenset(each.strip().lower() for each in str(sent or "").split(",") if each.strip())
    unknown = options - _OPTIONS
    if unknown:
        raise InvalidInput("InvalidExportOptions", f"'options' has no '{sorted(unknown)[0][:60]}'.")
    return options


def _wanted(context: Context, call: Call, group: Document, sent: Any) -> list[_Exported]:
    everything = [*_all(context, call, group)]
    listed = cast("list[Any]", sent) if isinstance(sent, list) else ["*"]
    if "*" in listed or not listed:
        return everything
    ids = {str(each).lower() for each in listed}
    unknown = ids - {each.document.id.lower() for each in everything}
    if unknown:
        raise NotFound("ResourceNotFound", f"'{sorted(unknown)[0][:300]}' is no resource of '{group.name}' to export.")
    return [each for each in everything if each.document.id.lower() in ids]


def _all(context: Context, call: Call, group: Document) -> Iterator[_Exported]:
    """What the caller may read of the group, each behind what it is under."""
    types = [each for each in management_of(context).types.all() if each.source is None and "PUT" in each.methods]
    outer: dict[str, _Exported] = {}
    documents = [
        (resource, document)
        for resource in types
        if resource.tracked or resource.type.lower() in _BELOW
        for document in context.state.list(resource.document_type, group.id, below=True)
        if context.roles.allows(call.principal, f"{resource.type}/read", document.id)
    ]
    for resource, document in sorted(documents, key=lambda pair: (pair[1].id.count("/"), pair[1].created)):
        path = parse_id(document.id)
        above = outer.get(path.parent_id.lower())
        if above is None and path.parent_id.lower() != group.id.lower():
            continue
        made = _Exported(document, path, resource, above)
        outer[document.id.lower()] = made
        yield made


class _Writer:
    """Writes resources as a template has them; names that are used become parameters."""

    def __init__(self, context: Context, call: Call, found: Sequence[_Exported], options: frozenset[str]) -> None:
        self._machine = Machine(context, call.principal, call.base)
        self._by_id = {each.document.id.lower(): each for each in found}
        self._options = options
        self._named: dict[str, _Exported] = {}

    def resource(self, each: _Exported) -> Json:
        """One resource. Raises VedetteError where it cannot be read, or not be written back."""
        version = newest_version(each.document.id) or "2021-04-01"
        found = self._machine.resource(each.document.id, version)
        body: Json = {name: found[name] for name in _BESIDE if found.get(name) not in (None, "")}
        properties = cast("Json", body.get("properties") or {})
        hidden = {name.lower() for name in each.resource.read_only} | {"provisioningstate"}
        body["properties"] = {name: value for name, value in properties.items() if name.lower() not in hidden}
        if "identity" in body:
            body["identity"] = {"type": body["identity"].get("type", "None")}
        if each.resource.published_shape:
            body = published_body(each.path, "PUT", version, body)
        written: Json = {"type": each.path.type, "apiVersion": version, "name": self._name(each)}
        if each.above is not None:
            written["dependsOn"] = [self._reference(each.above)]
            if each.path.scope.lower() == each.above.document.id.lower():
                written["scope"] = self._scope(each.above)
        if _COMMENTS in self._options:
            written["comments"] = f"Generalized from resource: '{each.document.id}'."
        return written | {name: self._value(value) for name, value in body.items()}

    def parameters(self) -> Json:
        """The parameters that the names have become."""
        return {
            name: {"type": "String"} | ({"defaultValue": each.document.name} if _DEFAULTS in self._options else {})
            for name, each in self._named.items()
        }

    def _name(self, each: _Exported) -> str:
        """Its name, behind the names of what it is under."""
        names = each.path.names
        if each.above is None and not self._skips:
            return f"[{self._parameter(each)}]"
        if len(names) == 1 or self._skips:
            return escaped("/".join(names))
        outer = self._outermost(each)
        rest = "/".join(names[1:]).replace("'", "''")
        return f"[concat({self._parameter(outer)}, '/{rest}')]"

    def _outermost(self, each: _Exported) -> _Exported:
        return self._outermost(each.above) if each.above is not None and len(each.path.names) > 1 else each

    def _scope(self, above: _Exported) -> str:
        names = self._names(above)
        if all(name.startswith("'") for name in names):
            pairs = zip(above.path.types, above.path.names, strict=True)
            return "/".join((above.path.namespace, *(part for pair in pairs for part in pair)))
        return f"[{self._resource_id(above, names)}]"

    def _reference(self, each: _Exported) -> str:
        return f"[{self._resource_id(each, self._names(each))}]"

    def _resource_id(self, each: _Exported, names: Sequence[str]) -> str:
        return f"resourceId('{each.path.type}', {', '.join(names)})"

    def _names(self, each: _Exported) -> list[str]:
        """Expressions of its names."""
        quoted = [f"'{_quoted(name)}'" for name in each.path.names]
        if self._skips:
            return quoted
        return [self._parameter(self._outermost(each)), *quoted[1:]]

    @property
    def _skips(self) -> bool:
        return bool(self._options & {_NO_NAMES, _NOTHING})

    def _parameter(self, each: _Exported) -> str:
        name, number = each.parameter, 1
        while self._named.setdefault(name, each) is not each:
            number += 1
            name = f"{each.parameter}_{number}"
        return f"parameters('{name}')"

    def _value(self, value: Any) -> Any:
        """A value in which ids of exported resources follow their names, and no text is an expression."""
        if isinstance(value, str):
            named = self._by_id.get(value.lower())
            if named is None or named.path.scope.lower() not in self._groups:
                return escaped(value)
            return self._reference(named)
        if isinstance(value, Mapping):
            return {name: self._value(each) for name, each in cast("Json", value).items()}
        if isinstance(value, list):
            return [self._value(each) for each in cast("list[Any]", value)]
        return value

    @property
    def _groups(self) -> set[str]:
        return {each.path.scope.lower() for each in self._by_id.values() if each.above is None}


def _quoted(name: str) -> str:
    return name.replace("'", "''")
