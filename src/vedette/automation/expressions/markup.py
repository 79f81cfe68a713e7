"""XML in workflows, which is carried as bytes of type application/xml: read without DTDs, searched, turned to JSON.

https://learn.microsoft.com/azure/logic-apps/workflow-definition-language-functions-reference#xml
"""

import re
from typing import Any, cast
from xml.etree import ElementTree

from vedette.expressions.errors import ExpressionError, about
from vedette.expressions.values import Json, binary, bytes_of, is_binary, text_of

_TYPE = "application/xml"
_MOST = 1_000_000  # bytes
_LONGEST_PATH = 1000
_CALL = re.compile(r"(string|number|count|sum)\((.*)\)", re.DOTALL)
_PLAIN = re.compile(r"[\w/.*@\[\]='\"():-]+")


def make_xml(value: Any) -> Json:
    """XML of a text, or of an object with one property. Raises ExpressionError."""
    if isinstance(value, dict) and not is_binary(value):
        held = cast("Json", value)
        if len(held) != 1:
            raise about("xml", "expects an object with exactly one property, which becomes the root.")
        ((name, inside),) = held.items()
        return binary(ElementTree.tostring(_element(name, inside), encoding="utf-8"), _TYPE)
    content = bytes_of(value)
    _parsed(content)
    return binary(content, _TYPE)


def is_xml(value: Any) -> bool:
    """Whether it is bytes that say they are XML."""
    return is_binary(value) and "xml" in str(cast("Json", value)["$content-type"]).lower()


def xml_text(value: Any) -> str:
    """The markup."""
    return bytes_of(value).decode("utf-8", "replace")


def json_of_xml(value: Any) -> Json:
    """The object of XML: attributes begin with `@`, text beside them is `#text`, repeated elements are arrays."""
    root = _parsed(bytes_of(value))
    declared = re.match(rb"\s*<\?xml\s+([^?]*)\?>", bytes_of(value))
    made: Json = {}
    if declared:
        pairs = re.findall(r"(\w+)\s*=\s*[\"']([^\"']*)", declared[1].decode("latin-1"))
        made["?xml"] = {f"@{name}": text for name, text in pairs}
    return {**made, _name(root): _object(root)}


def select(value: Any, path: str) -> Any:
    """What an XPath finds: elements as XML, attributes and texts as strings. Raises ExpressionError.

    Paths of elements, attributes and `text()`, with predicates, and string, number, count and sum of one are known.
    """
    if len(path) > _LONGEST_PATH:
        raise ExpressionError(f"An XPath has at most {_LONGEST_PATH} characters.")
    root = _parsed(bytes_of(value))
    call = _CALL.fullmatch(path.strip())
    found = _found(root, (call[2] if call else path).strip())
    if call is None:
        return [
            each if isinstance(each, str) else binary(ElementTree.tostring(each, encoding="utf-8"), _TYPE)
            for each in found
        ]
    texts = [each if isinstance(each, str) else "".join(each.itertext()) for each in found]
    match call[1]:
        case "count":
            return len(found)
        case "sum":
            return sum(_number(text) for text in texts)
        case "number":
            return _number(texts[0]) if texts else None
        case _:
            return texts[0] if texts else ""


def _found(root: ElementTree.Element, path: str) -> list[Any]:
    if not _PLAIN.fullmatch(path.replace(" ", "")):
        raise ExpressionError(f"The XPath '{path[:100]}' has parts that are not known here.")
    attribute = re.fullmatch(r"(.*?)/?@([\w:-]+)", path)
    is_text = path.endswith("/text()")
    place = attribute[1] if attribute else path.removesuffix("/text()")
    place = place or "/"
    holder = ElementTree.Element("document")
    holder.append(root)
    relative = f".{place}" if place.startswith("/") else f".//{place}"
    try:
        elements = [holder] if relative == "./" else holder.findall(_qualified(relative))
    except (SyntaxError, KeyError) as error:
        raise ExpressionError(f"The XPath '{path[:100]}' has parts that are not known here: {error}.") from error
    if attribute:
        return [each.attrib[attribute[2]] for each in elements if attribute[2] in each.attrib]
    return [each.text or "" for each in elements] if is_text else [each for each in elements if each is not holder]


def _qualified(path: str) -> str:
    """`*[local-name()='x']` and `*[name()='x']` as ElementTree says it: an element of that name in any namespace."""
    path = re.sub(r"\*\[(?:local-)?name\(\)\s*=\s*['\"]([\w.-]+)['\"]\]", r"{*}\1", path)
    if "(" in path.replace("last()", "").replace("position()", ""):
        raise SyntaxError("a function")
    return path


def _number(text: str) -> Any:
    try:
        value = float(text)
    except ValueError as error:
        raise ExpressionError(f"The XPath finds '{text[:40]}', which is no number.") from error
    return int(value) if value == int(value) else value


def _parsed(content: bytes) -> ElementTree.Element:
    if len(content) > _MOST:
        raise about("xml", f"reads at most {_MOST} bytes.")
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise about("xml", "parameter is not valid. For security reasons DTD is prohibited in this XML document.")
    try:
        return ElementTree.fromstring(content)
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise about("xml", f"parameter is not valid. The provided value cannot be parsed: '{error}'.") from error


def _element(name: str, value: Any) -> ElementTree.Element:
    try:
        element = ElementTree.Element(name)
    except (TypeError, ValueError) as error:
        raise about("xml", f"cannot make an element of the name '{name[:40]}'.") from error
    if not isinstance(value, dict):
        element.text = text_of(value)
        return element
    for key, each in cast("Json", value).items():
        if key.startswith("@"):
            element.set(key[1:], text_of(each))
        elif key == "#text":
            element.text = text_of(each)
        else:
            for item in cast("list[Any]", each) if isinstance(each, list) else [each]:
                element.append(_element(key, item))
    return element


def _name(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


def _object(element: ElementTree.Element) -> Any:
    made: Json = {f"@{name.rpartition('}')[2]}": text for name, text in element.attrib.items()}
    for child in element:
        name, value = _name(child), _object(child)
        if name not in made:
            made[name] = value
        elif isinstance(made[name], list):
            made[name].append(value)
        else:
            made[name] = [made[name], value]
    text = (element.text or "").strip()
    if not made:
        return text or None
    return {**made, "#text": text} if text else made
