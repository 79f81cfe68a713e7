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
    "a workspace is no database of a Kusto cluster, and has no name, endpoint or node to tell of.": """
        current_cluster_endpoint current_database current_node_id""",
    "a query does not know who asks it: what it means is the same for everyone who may read the workspace.": """
        current_principal current_principal_details""",
    "it is not supported in Azure Monitor, and a query does not know who asks it.": "current_principal_is_member_of",
    "cursors are not supported in Azure Monitor; filter on ingestion_time().": """
        current_cursor cursor_after cursor_before_or_at cursor_current""",
    "rows are not kept in extents here.": "extent_id extent_tags extentid",
    "there are no Kusto clusters and databases here; a table of another workspace is workspace('name').Table.": """
        cluster database entity_group""",
    "a workspace has tables, saved functions and watchlists only.": """
        external_table materialized_view stored_query_result""",
    "it is internal to Kusto's row store, and not documented.": "row_id rowstore_ordinal_range",
}

REFUSED: tuple[Refused, ...] = tuple(
    Refused(name, reason) for reason, names in _GROUPS.items() for name in names.split()
)
"""Every refused name; what the library or the compiler does offer takes precedence over an entry here."""
