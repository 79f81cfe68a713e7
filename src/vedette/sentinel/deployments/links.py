"""Templates and parameters that stand elsewhere: in a template spec, beside another template, or at an address.

https://learn.microsoft.com/azure/azure-resource-manager/templates/linked-templates. An address is asked only where the
server's settings allow its host, as for every request to others.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from posixpath import normpath
from typing import Any, Final, cast
from urllib.parse import urljoin, urlsplit

from vedette.access.principals import Principal
from vedette.arm.context import Context
from vedette.arm.json_reader import read_object
from vedette.arm.resource_ids import parse_id
from vedette.core.errors import InvalidInput, NotFound, VedetteError
from vedette.core.outside_hosts import shown as shown_address
from vedette.sentinel.template_specs import TEMPLATE_SPEC_VERSION

LARGEST: Final = 4 * 1024 * 1024
"""Bytes of a template: https://learn.microsoft.com/azure/azure-resource-manager/templates/best-practices"""

QUERY: Final = "templateLink.queryString"
"""The name of a link's query among what is not kept."""

_SPEC_VERSION = "2021-05-01"
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Linked:
    """A template, and the link that led to it, None for one that was sent itself.

    `uri` is its address; `beside` are templates that a template spec has with it, by their paths, and `path` its own
    among them.
    """

    template: Json
    link: Json | None = None
    uri: str = ""
    beside: Mapping[str, Json] = field(default_factory=dict[str, Json])
    path: str = ""
    query: str = field(default="", repr=False)
    """What is asked with behind its address, and those of templates beside it, such as a key: a secret."""


def read_template(context: Context, principal: Principal, sent: Any, link: Any, parent: Linked | None) -> Linked:
    """The template of a deployment that was sent, or that a link leads to.

    Raises InvalidInput (InvalidTemplate, InvalidTemplateLink, EgressNotAllowed), NotFound, Unavailable.
    """
    if (sent is None) == (link is None):
        raise InvalidInput(
            "InvalidTemplate", "A deployment has either a 'template' or a 'templateLink'; one of them, not both."
        )
    if link is None:
        if not isinstance(sent, dict):
            raise InvalidInput("InvalidTemplate", "Deployment template validation failed: 'The template is no object'.")
        held = parent or Linked({})
        return Linked(cast("Json", sent), None, held.uri, held.beside, held.path, held.query)
    if not isinstance(link, dict):
        raise _wrong("is an object")
    fields = {name.lower(): each for name, each in cast("Json", link).items() if each is not None}
    shown = {name: each for name, each in cast("Json", link).items() if name.lower() != "querystring"}
    linked = _followed(context, principal, fields, shown, parent)
    version = linked.template.get("contentVersion")
    if fields.get("contentversion") and fields["contentversion"] != version:
        raise InvalidInput(
            "InvalidContentLink",
            f"The template has the contentVersion '{version}', and its link asks for '{fields['contentversion']}'.",
        )
    return linked


def _followed(
    context: Context, principal: Principal, fields: Mapping[str, Any], shown: Json, parent: Linked | None
) -> Linked:
    if isinstance(fields.get("id"), str):
        return _of_spec(context, principal, fields, shown)
    if isinstance(fields.get("uri"), str):
        uri, query = str(fields["uri"]), str(fields.get("querystring") or "")
        return Linked(_fetched(context, uri, query), shown, uri, query=query)
    relative = fields.get("relativepath")
    if not isinstance(relative, str) or not relative.strip():
        raise _wrong("has a 'uri', an 'id' or a 'relativePath'")
    if parent is not None and parent.beside:
        return _beside(parent, relative, shown)
    if parent is None or not parent.uri:
        raise _wrong("has a 'relativePath', which is only for a template that has an address itself")
    uri = urljoin(parent.uri, relative)
    if urlsplit(uri)[:2] != urlsplit(parent.uri)[:2]:
        raise _wrong("has a 'relativePath' that leads to another server")
    return Linked(_fetched(context, uri, parent.query), {"uri": uri} | shown, uri, query=parent.query)


def _of_spec(context: Context, principal: Principal, fields: Mapping[str, Any], shown: Json) -> Linked:
    path = parse_id(str(fields["id"]))
    if path.type.lower() != TEMPLATE_SPEC_VERSION.lower() or not path.is_item:
        raise _wrong("has an 'id' that is none of a version of a template spec")
    assert context.management is not None
    try:
        answer = context.management.call(principal, "GET", f"{path.id}?api-version={_SPEC_VERSION}")
    except NotFound as error:
        raise NotFound(
            "TemplateSpecVersionNotFound", f"The template spec version '{path.id}' was not found."
        ) from error
    properties: Json = answer.body["properties"]
    held = {
        normpath(str(each["path"])): cast("Json", each["template"]) for each in properties.get("linkedTemplates") or ()
    }
    main = properties.get("mainTemplate") or properties.get("template")
    if not isinstance(main, dict):
        raise _wrong(f"leads to '{path.id}', which has no 'mainTemplate'")
    linked = Linked(cast("Json", main), shown, "", held)
    relative = fields.get("relativepath")
    return _beside(linked, relative, shown) if isinstance(relative, str) and relative else linked


def _beside(parent: Linked, relative: str, shown: Json) -> Linked:
    path = normpath(urljoin(parent.path, relative))
    found = parent.beside.get(path)
    if found is None:
        raise InvalidInput(
            "InvalidTemplateLink", f"The template spec has no linked template '{path[:200]}' beside its main template."
        )
    return Linked(found, shown, "", parent.beside, path)


def read_parameters(context: Context, link: Any) -> Json:
    """The parameters of a file that a link leads to. Raises as `read_template`."""
    fields = {name.lower(): each for name, each in cast("Json", link).items()} if isinstance(link, dict) else {}
    if not isinstance(fields.get("uri"), str):
        raise InvalidInput("InvalidContentLink", "'parametersLink' has the 'uri' of a file of parameters.")
    uri = str(fields["uri"])
    found = _fetched(context, uri)
    held = next((each for name, each in found.items() if name.lower() == "parameters"), found)
    if not isinstance(held, dict):
        raise InvalidInput("InvalidContentLink", f"The file at '{shown_address(uri)}' holds no parameters.")
    return cast("Json", held)


def download(context: Context, uri: str, query: str = "") -> bytes:
    """What stands at an address, which errors show without its own query, for that may hold a key.

    Raises InvalidInput (InvalidContentLink), Unavailable, TooLarge.
    """
    egress: Any = import_module("vedette.core.egress")  # what speaks HTTP is loaded with it
    address = f"{uri}{'&' if '?' in uri else '?'}{query.lstrip('?')}" if query else uri
    try:
        answer = egress.send("GET", address, context.egress)
    except InvalidInput as error:
        raise InvalidInput(
            "InvalidContentLink", f"Unable to download deployment content from '{shown_address(uri)}': {error.message}"
        ) from error
    if answer.status != 200:
        raise InvalidInput(
            "InvalidContentLink",
            f"Unable to download deployment content from '{shown_address(uri)}'. The requested address answered "
            f"{answer.status}.",
        )
    return answer.body


def _fetched(context: Context, uri: str, query: str = "") -> Json:
    content = download(context, uri, query)
    try:
        return read_object(content, largest=LARGEST)
    except VedetteError as error:
        address = shown_address(uri)
        raise InvalidInput(
            "InvalidContentLink", f"The content at '{address}' is no template: {error.message}"
        ) from error


def _wrong(rule: str) -> InvalidInput:
    return InvalidInput("InvalidTemplateLink", f"'properties.templateLink' {rule}.")
