"""Plugins that send a request: `http_request`, `http_request_post`, under the same setting as `externaldata`."""

import json
from dataclasses import replace
from typing import Any, cast

from vedette.kql import plan, syntax
from vedette.kql.catalog import Column, Table
from vedette.kql.external import RESPONSE, External
from vedette.kql.functions.library import scalar_functions
from vedette.kql.overloads import apply_entries
from vedette.kql.plugins.call import PluginCall
from vedette.kql.plugins.entry import Plugin
from vedette.kql.types import ScalarType

_COLUMNS = ("ResponseHeaders", "ResponseBody")


def _get(call: PluginCall) -> plan.Plan:
    given = call.numbered(1, 3, "an address, headers and options")
    named = call.named("RequestHeaders", "Options")
    headers = given[1] if len(given) > 1 else named.get("RequestHeaders")
    return _answered(call, given[0], headers, "GET", None)


def _post(call: PluginCall) -> plan.Plan:
    given = call.numbered(1, 4, "an address, headers, options and a content")
    named = call.named("RequestHeaders", "Options", "Content")
    headers = given[1] if len(given) > 1 else named.get("RequestHeaders")
    content = given[3] if len(given) > 3 else named.get("Content")
    body = "" if content is None else call.constant(content, ScalarType.string)
    return _answered(call, given[0], headers, "POST", body)


def _answered(
    call: PluginCall, uri: syntax.Expression, headers: syntax.Expression | None, method: str, body: str | None
) -> plan.Plan:
    """One row with what the address answers; the request is sent when the query runs."""
    binder = call.binder
    address = call.constant(uri, ScalarType.string)
    columns = ("c0", "c1")
    sent = External("", (address,), RESPONSE, columns, (True, True), (None, None), method=method, body=body)
    sent = replace(sent, headers=_headers(call, headers))
    known = next((each for each in binder.externals if replace(each, name="") == sent), None)
    if known is None:
        known = replace(sent, name=f"external_{len(binder.externals) + 1}")
        binder.externals.append(known)
    shown = address.partition("?")[0]
    table = Table(f"{method} {shown}", tuple(Column(name, ScalarType.string, name) for name in columns), (known.name,))
    texts = tuple(binder.new_field(name, ScalarType.string) for name in columns)
    entries = scalar_functions()["parse_json"]
    items = tuple(
        (
            binder.new_field(name, ScalarType.dynamic),
            apply_entries(binder, "parse_json()", entries, (plan.Reference(text),), call.node.span),
        )
        for name, text in zip(_COLUMNS, texts, strict=True)
    )
    return plan.Project(plan.Scan(table, columns, texts), items)


def _headers(call: PluginCall, node: syntax.Expression | None) -> tuple[tuple[str, str], ...]:
    if node is None:
        return ()
    value: Any = call.fixed(node, ScalarType.dynamic)
    if not isinstance(value, plan.Constant):
        call.fail("The headers are a constant bag.", node)
    given: Any = value.value
    if given is None:
        return ()
    if not isinstance(given, dict):
        call.fail("The headers are a constant bag.", node)
    given = cast(dict[str, Any], given)
    return tuple((name, each if isinstance(each, str) else json.dumps(each)) for name, each in given.items())


PLUGINS: tuple[Plugin, ...] = (
    Plugin(
        "http_request",
        "evaluate http_request(Uri, RequestHeaders)",
        "One row with the headers and the content that an address answers. The setting external_data.hosts has to name "
        "its host.",
        "",
        _get,
        is_source=True,
    ),
    Plugin(
        "http_request_post",
        "evaluate http_request_post(Uri, RequestHeaders, Options, Content)",
        "One row with the headers and the content that an address answers when a content is posted to it. The setting "
        "external_data.hosts has to name its host.",
        "",
        _post,
        is_source=True,
    ),
)
"""https://learn.microsoft.com/kusto/query/http-request-plugin"""
