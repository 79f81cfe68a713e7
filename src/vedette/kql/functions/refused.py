"""Names that Kusto knows and Vedette does not run yet, each with its reason: using one is an error that says so."""

from collections.abc import Mapping

from vedette.kql.functions.entry import Refused

_GROUPS: Mapping[str, str] = {
    "it is internal to Kusto's own plugins.": """
        __geo_length_to_s2cell_level __geo_line_s2cell_covering_level __geo_line_validate
        __geo_polygon_s2cell_covering_level __geo_polygon_validate""",
    "how Kusto mixes several hashes is not published; hash() of strcat() serves the same end.": """
        hash_combine hash_many""",
    "it is internal to Kusto's own engine, and not documented.": """
        __cast __hash_crc32 __hash_djb2 __hash_many_crc32 __hash_xxh64 __hll_normalize __invoke __ipv6_lookup_ranges
        __lz4_compress_dynamic_array_to_base64_string""",
    "the compiler of Kusto puts it in by itself, and what it means elsewhere is not documented.": "passthrough",
    "it stands in the conditions and columns of a graph's patterns only.": """
        all any inner_nodes map node_degree_in node_degree_out node_id""",
    "no graphs are stored here; make-graph makes one of tables.": "graph",
    "the nodes and edges that make-graph makes have no labels.": "labels",
    "it speaks of a Kusto cluster's own state, which there is none of here.": """
        cluster current_cluster_endpoint current_cursor current_database current_node_id current_principal
        current_principal_details current_principal_is_member_of cursor_after cursor_before_or_at cursor_current
        database
        entity_group extent_id extent_tags extentid external_table materialized_view row_id rowstore_ordinal_range
        stored_query_result""",
}

REFUSED: tuple[Refused, ...] = tuple(
    Refused(name, reason) for reason, names in _GROUPS.items() for name in names.split()
)
"""Every refused name; what the library or the compiler does offer takes precedence over an entry here."""
