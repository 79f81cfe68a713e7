"""The rule templates that installed content brought to a workspace: in content templates, and in template specs.

Content of 2023 and later is a content template of the workspace. Content of 2022 is a template spec in the workspace's
resource group, whose tags tell the workspace and the kind of content; of each spec the newest version counts.
https://learn.microsoft.com/azure/sentinel/sentinel-solutions
"""

from collections.abc import Iterator
from typing import Any, cast

from vedette.arm.context import Context
from vedette.arm.resource import Body
from vedette.arm.resource_ids import parse_id
from vedette.sentinel.template_specs import TEMPLATE_SPEC_VERSION
from vedette.state.conditions import Compare
from vedette.state.documents import Document

CONTENT_TEMPLATE = "Microsoft.SecurityInsights/contentTemplates"
_RULE = "AnalyticsRule"
_WORKSPACE_TAG, _KIND_TAG = "hidden-sentinelworkspaceid", "hidden-sentinelcontenttype"


def installed_rule_templates(context: Context, workspace: str) -> Iterator[tuple[Document, str, Body]]:
    """For each rule template the document that it came in, its name, and the resource that stands for it there."""
    of_rules = Compare(("properties", "contentKind"), "eq", _RULE)
    for content in context.state.list(CONTENT_TEMPLATE, workspace, where=of_rules):
        named = content.body["properties"].get("contentId")
        for resource in _rule_templates(content):
            yield content, str(named or resource.get("name") or content.name), resource
    for version in _newest_specs(context, workspace):
        for resource in _rule_templates(version):
            yield version, str(resource.get("name") or version.name), resource


def _newest_specs(context: Context, workspace: str) -> Iterator[Document]:
    """Only those beside the workspace: who may write there may write what is shown as the workspace's."""
    group = parse_id(workspace).scope
    found: dict[str, Document] = {}
    for version in context.state.list(TEMPLATE_SPEC_VERSION, group, below=True):
        tags = {name.lower(): str(value) for name, value in (version.body.get("tags") or {}).items()}
        if tags.get(_KIND_TAG) == _RULE and tags.get(_WORKSPACE_TAG, "").lower() == workspace.lower():
            spec = version.scope
            if spec not in found or found[spec].modified <= version.modified:
                found[spec] = version
    yield from found.values()


def _rule_templates(content: Document) -> Iterator[Body]:
    template = content.body["properties"].get("mainTemplate")
    resources = cast("dict[str, Any]", template).get("resources") if isinstance(template, dict) else None
    for each in cast("list[Any]", resources) if isinstance(resources, list) else []:
        resource = cast("Body", each) if isinstance(each, dict) else {}
        is_rule = str(resource.get("type", "")).lower().rpartition("/")[2] == "alertruletemplates"
        if is_rule and isinstance(resource.get("properties") or {}, dict):  # anybody's content, which nobody checked
            yield resource
