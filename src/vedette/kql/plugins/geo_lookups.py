"""Lookups by place: `geo_polygon_lookup`, `geo_line_lookup`."""

from collections.abc import Callable, Mapping

from vedette.kql import plan, syntax
from vedette.kql.column_names import unique_name
from vedette.kql.conversion import convert
from vedette.kql.environment import Environment, RowScope
from vedette.kql.plugins.call import PluginCall
from vedette.kql.plugins.entry import Plugin
from vedette.kql.types import ScalarType

_SAYS = (
    "the table to look up in, its column with {shapes}, longitude, latitude, radius, return_unmatched, join_hint and "
    "return_lookup_key"
)
_OPTIONS = ("radius", "return_unmatched", "join_hint", "return_lookup_key")

# A place is asked about once, however many rows have it, and only for shapes that one of its S2 cells belongs to: cells
# of a level at which some dozens cover the shape, so that finding them is a hash join.
_SEARCH = """
let Cells = L | extend level_ = toint(min_of(max_of(log2(31000000.0 / {size}), 0.0), 30.0))
    | where isnotnull(level_)
    | mv-expand cell_ = {covering} to typeof(string);
let Found = S | distinct longitude_, latitude_ | extend one_ = 1
    | join kind=inner (Cells | distinct level_ | extend one_ = 1) on one_
    | extend cell_ = geo_point_to_s2cell(longitude_, latitude_, level_)
    | join kind=inner Cells on cell_
    | where {test}
    | project longitude_, latitude_, {found};
S | join kind={kind} Found on longitude_, latitude_ | project {columns}
"""


def _polygon_lookup(call: PluginCall) -> plan.Plan:
    given = _arguments(call, 4, "polygons")
    size = "max_of(sqrt(geo_polygon_area(shape_)), geo_polygon_perimeter(shape_) / 16)"
    if "radius" not in given:
        return _looked_up(
            call,
            given,
            size,
            "geo_polygon_to_s2cells(shape_, level_)",
            "geo_point_in_polygon(longitude_, latitude_, shape_)",
        )
    return _looked_up(
        call,
        given,
        f"max_of({size}, radius_)",
        "geo_polygon_to_s2cells(shape_, level_, radius_)",
        "geo_distance_point_to_polygon(longitude_, latitude_, shape_) <= radius_",
    )


def _line_lookup(call: PluginCall) -> plan.Plan:
    return _looked_up(
        call,
        _arguments(call, 5, "lines"),
        "max_of(geo_line_length(shape_) / 16, radius_)",
        "geo_line_to_s2cells(shape_, level_, radius_)",
        "geo_distance_point_to_line(longitude_, latitude_, shape_) <= radius_",
    )


def _arguments(call: PluginCall, least: int, shapes: str) -> Mapping[str, syntax.Expression]:
    """By name. Raises KqlError where one is missing."""
    names = ("table", "shape", "longitude", "latitude", *_OPTIONS)
    named = call.named(*_OPTIONS)
    given = call.numbered(4, len(names), _SAYS.format(shapes=shapes))
    found = {**dict(zip(names, given, strict=False)), **named}
    if least > 4 and "radius" not in found:
        call.fail("It takes a radius in meters.")
    return found


def _looked_up(
    call: PluginCall, given: Mapping[str, syntax.Expression], size: str, covering: str, test: str
) -> plan.Plan:
    """The rows with those of the table whose shape passes the test."""
    table = call.table(given["table"])
    key = call.binder.bind_scalar(call.binder, given["shape"], RowScope(table.fields, Environment()))
    if not isinstance(key, plan.Reference):
        call.fail("This must be a column of the lookup table.", given["shape"])
    _flag(call, given, "join_hint", ScalarType.real)
    shown = [
        field
        for field in table.fields
        if field.id != key.field.id or _flag(call, given, "return_lookup_key", ScalarType.bool)
    ]
    names = {field.id: f"s{number}" for number, field in enumerate(call.rows.fields)}
    names |= {field.id: f"l{number}" for number, field in enumerate(table.fields)}
    places = {name: call.typed(given[name], ScalarType.real) for name in ("longitude", "latitude")}
    source = _aliased(call, call.rows, names, {f"{name}_": value for name, value in places.items()})
    shapes = _aliased(call, table, names, {"shape_": convert(key, ScalarType.dynamic)})
    fields = (*call.rows.fields, *shown)
    body = _SEARCH.format(
        size=size,
        covering=covering,
        test=test,
        found=", ".join(names[field.id] for field in table.fields),
        kind="leftouter" if _flag(call, given, "return_unmatched", ScalarType.bool) else "inner",
        columns=", ".join(names[field.id] for field in fields),
    )
    scalars = {"radius_": call.fixed(given["radius"], ScalarType.real)} if "radius" in given else {}
    taken: list[str] = []
    for field in fields:
        taken.append(unique_name(field.name, taken))
    return call.renamed(call.kql(body, {"S": source, "L": shapes}, scalars), taken)


def _flag(call: PluginCall, given: Mapping[str, syntax.Expression], name: str, type: ScalarType) -> bool:
    return bool(call.constant(given[name], type)) if name in given else False


def _aliased(
    call: PluginCall, table: plan.Plan, names: Mapping[int, str], more: Mapping[str, plan.Expression]
) -> plan.Plan:
    """The table's columns under the names that the search knows, and more."""
    items = [(call.binder.new_field(names[field.id], field.type), plan.Reference(field)) for field in table.fields]
    added = [(call.binder.new_field(name, value.type), value) for name, value in more.items()]
    return plan.Project(table, (*items, *added))


_SQUARE = 'dynamic({"type":"Polygon","coordinates":[[[0,0],[2,0],[2,2],[0,2],[0,0]]]})'
_LINE = 'dynamic({"type":"LineString","coordinates":[[0,0],[0,2]]})'


def _plugin(
    name: str, shape: str, radius: str, doc: str, example: str, bind: Callable[[PluginCall], plan.Plan]
) -> Plugin:
    options = f"{radius}, return_unmatched=false, join_hint=0, return_lookup_key=false"
    return Plugin(
        name, f"T | evaluate {name}(LookupTable, {shape}, Longitude, Latitude, {options})", doc, example, bind
    )


PLUGINS: tuple[Plugin, ...] = (
    _plugin(
        "geo_polygon_lookup",
        "Polygon",
        "radius=real(null)",
        "The rows with the columns of each row of the lookup table whose polygon holds the place or is within a radius "
        "of it.",
        f"let Areas = datatable(area:string, shape:dynamic)['square', {_SQUARE}]; "
        "print longitude = 1.0, latitude = 1.0 | evaluate geo_polygon_lookup(Areas, shape, longitude, latitude)",
        _polygon_lookup,
    ),
    _plugin(
        "geo_line_lookup",
        "Line",
        "Radius",
        "The rows with the columns of each row of the lookup table whose line is within a radius of the place, in "
        "meters.",
        f"let Roads = datatable(road:string, line:dynamic)['meridian', {_LINE}]; "
        "print longitude = 0.001, latitude = 1.0 | evaluate geo_line_lookup(Roads, line, longitude, latitude, 200)",
        _line_lookup,
    ),
)
"""https://learn.microsoft.com/kusto/query/geo-polygon-lookup-plugin"""
