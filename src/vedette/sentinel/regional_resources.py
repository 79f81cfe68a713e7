"""What resources of a resource group and a region have in common: a location, tags, lists by subscription."""

from typing import Any, cast

from vedette.arm.context import Context
from vedette.arm.resource import Body, Source
from vedette.arm.resource_ids import ResourcePath
from vedette.core.errors import InvalidInput
from vedette.state.documents import Document


def stored_source(type: str) -> Source:
    """Documents of a type, listed by their resource group or their subscription."""

    def find(context: Context, path: ResourcePath) -> Document | None:
        return context.state.get(path.id)

    def list_below(context: Context, path: ResourcePath) -> list[Document]:
        above = f"{path.parent_id.lower()}/"
        return [document for document in context.state.list(type) if document.id.lower().startswith(above)]

    return Source(find=find, list=list_below)


def with_location(body: Body) -> Body:
    """The body with its location as Azure writes it, and tags of texts.

    Raises InvalidInput (LocationRequired, InvalidRequestContent).
    """
    location = body.get("location")
    if not isinstance(location, str) or not location.strip():
        raise InvalidInput(
            "LocationRequired", "The location property is required for this definition.", target="location"
        )
    return body | {"location": location.replace(" ", "").lower()} | with_tags(body)


def with_tags(body: Body) -> dict[str, Any]:
    """`tags` of a body, if it has them. Raises InvalidInput (InvalidRequestContent) for other than texts by name."""
    tags = body.get("tags")
    if tags is None:
        return {}
    if not isinstance(tags, dict) or not all(isinstance(each, str) for each in cast("dict[str, Any]", tags).values()):
        raise InvalidInput("InvalidRequestContent", "'tags' must be an object of texts.", target="tags")
    return {"tags": cast("dict[str, Any]", tags)}
