from vedette.arm.context import Context
from vedette.arm.resource import made_document, named_source
from vedette.arm.resource_ids import parse_id

TYPE = "Microsoft.Web/locations"
ROOT = "/subscriptions/S/providers/Microsoft.Web/locations"


def test_a_document_is_made_of_a_path(context: Context) -> None:
    path = parse_id(f"{ROOT}/Local")
    made = made_document(context, path, TYPE, {"properties": {}})
    assert (made.id, made.type, made.scope, made.name) == (f"{ROOT}/Local", TYPE, "/subscriptions/s", "Local")
    assert (made.etag, made.body, made.created, made.modified) == ("", {"properties": {}}, *[context.clock.now()] * 2)
    assert made_document(context, path, TYPE, {}, name="local").name == "local"


def test_only_these_names_exist(context: Context) -> None:
    source = named_source(TYPE, ["Local", "Far"])
    found = source.find(context, parse_id(f"{ROOT}/LOCAL"))
    assert found is not None
    assert (found.id, found.name, found.body) == (f"{ROOT}/LOCAL", "Local", {})
    assert source.find(context, parse_id(f"{ROOT}/near")) is None
    assert not list(source.list(context, parse_id(ROOT)))


def test_every_name_exists(context: Context) -> None:
    found = named_source(TYPE).find(context, parse_id(f"{ROOT}/Anywhere"))
    assert found is not None
    assert found.name == "Anywhere"
