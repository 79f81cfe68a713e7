"""What people are told of the calls that have no entry, because their arguments are not ordinary values."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SpecialDescription:
    """As `reference.Page`."""

    name: str
    signatures: tuple[str, ...]
    doc: str
    examples: tuple[tuple[str, str], ...] = ()
    aliases: tuple[str, ...] = ()
    deprecated: tuple[str, ...] = ()


SPECIAL_DESCRIPTIONS: tuple[SpecialDescription, ...] = (
    SpecialDescription(
        "ago",
        ("ago(offset: timespan): datetime",),
        "The instant of the query less an offset.",
        (("ago(1h) < now()", "true"),),
    ),
    SpecialDescription(
        "bag_pack_columns",
        ("bag_pack_columns(column, …): dynamic",),
        "Some columns of the row as a bag, under their names.",
    ),
    SpecialDescription(
        "bin_auto",
        ("bin_auto(value: any)",),
        "The bin of a value, of the size that 'set query_bin_auto_size = …;' says, counted from 'query_bin_auto_at'.",
    ),
    SpecialDescription(
        "column_names_of",
        ("column_names_of(table): dynamic",),
        "The names of a table's columns as an array.",
        (("array_length(column_names_of(range x from 1 to 2 step 1))", "1"),),
    ),
    SpecialDescription(
        "iscolumnexists",
        ("iscolumnexists(name!: string): bool",),
        "Whether the table has a column of that name.",
        (("iscolumnexists('nope')", "false"),),
    ),
    SpecialDescription(
        "column_ifexists",
        ("column_ifexists(name!: string, default: any)",),
        "The column of that name, or the default where the table has none.",
        (("column_ifexists('nope', 5)", "5"),),
        deprecated=("columnifexists",),
    ),
    SpecialDescription(
        "ingestion_time",
        ("ingestion_time(): datetime",),
        "When the row was stored.",
    ),
    SpecialDescription(
        "materialize",
        ("materialize(table)",),
        "A table that is computed once, however often the query reads it.",
    ),
    SpecialDescription(
        "now",
        ("now(offset: timespan = 0s): datetime",),
        "The instant of the query, the same in all of it, moved by an offset.",
        (("now() == now(0s)", "true"),),
    ),
    SpecialDescription(
        "pack_all",
        ("pack_all(ignore_null_empty!: bool = false): dynamic",),
        "All columns of the row as a bag, with or without those that are null or ''.",
    ),
    SpecialDescription(
        "toscalar",
        ("toscalar(table)",),
        "The first column of a table's first row, as a value.",
        (("toscalar(print 1)", "1"),),
    ),
    SpecialDescription(
        "all",
        ("all(edge, condition): bool", "all(inner_nodes(edge), condition): bool"),
        "In the pattern of a graph: whether the condition holds at each edge of a path, or at each node inside it.",
    ),
    SpecialDescription(
        "any",
        ("any(edge, condition): bool", "any(inner_nodes(edge), condition): bool"),
        "In the pattern of a graph: whether the condition holds at an edge of a path, or at a node inside it.",
    ),
    SpecialDescription(
        "inner_nodes",
        ("inner_nodes(edge)",),
        "In map(), all() and any(): the nodes of a path between its two ends.",
    ),
    SpecialDescription(
        "map",
        ("map(edge, expression): dynamic", "map(inner_nodes(edge), expression): dynamic"),
        "In the pattern of a graph: the values of an expression at each edge of a path, or at each node inside it.",
    ),
    SpecialDescription(
        "node_degree_in",
        ("node_degree_in(node): long", "node_degree_in(): long"),
        "In the pattern of a graph: how many edges lead to a node; without a name, to one of inner_nodes().",
    ),
    SpecialDescription(
        "node_degree_out",
        ("node_degree_out(node): long", "node_degree_out(): long"),
        "In the pattern of a graph: how many edges leave a node; without a name, one of inner_nodes().",
    ),
    SpecialDescription(
        "node_id",
        ("node_id(node)", "node_id()"),
        "In the pattern of a graph: what a node is told apart by; without a name, one of inner_nodes().",
    ),
)
