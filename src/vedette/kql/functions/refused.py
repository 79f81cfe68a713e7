"""Names that Kusto knows and Vedette does not run yet, each with its reason: using one is an error that says so."""

from collections.abc import Mapping

from vedette.kql.functions.entry import Refused

_GROUPS: Mapping[str, str] = {
    "time series functions are not implemented yet.": """
        series_abs series_acos series_add series_asin series_atan series_ceiling series_cos series_cosine_similarity
        series_decompose series_decompose_anomalies series_decompose_forecast series_divide series_dot_product
        series_equals
        series_exp series_fft series_fill_backward series_fill_const series_fill_forward series_fill_linear series_fir
        series_fit_2lines series_fit_2lines_dynamic series_fit_line series_fit_line_dynamic series_fit_poly
        series_floor
        series_greater series_greater_equals series_ifft series_iir series_less series_less_equals series_log
        series_magnitude series_multiply series_not_equals series_outliers series_pearson_correlation
        series_periods_detect series_periods_validate series_pow series_product series_seasonal series_sign series_sin
        series_stats series_stats_dynamic series_subtract series_sum series_tan""",
    "it is internal to Kusto's own plugins.": """
        __geo_length_to_s2cell_level __geo_line_s2cell_covering_level __geo_line_validate
        __geo_polygon_s2cell_covering_level __geo_polygon_validate""",
    "how Kusto mixes several hashes is not published; hash() of strcat() serves the same end.": """
        hash_combine hash_many""",
    "it is internal to Kusto's own engine, and not documented.": """
        __cast __hash_crc32 __hash_djb2 __hash_many_crc32 __hash_xxh64 __hll_normalize __invoke __ipv6_lookup_ranges
        __lz4_compress_dynamic_array_to_base64_string""",
    "the compiler of Kusto puts it in by itself, and what it means elsewhere is not documented.": "passthrough",
    "graphs are not implemented yet.": "all any graph inner_nodes labels map node_degree_in node_degree_out node_id",
    "it speaks of a Kusto cluster's own state, which there is none of here.": """
        cluster current_cluster_endpoint current_cursor current_database current_node_id current_principal
        current_principal_details current_principal_is_member_of cursor_after cursor_before_or_at cursor_current
        database
        entity_group extent_id extent_tags extentid external_table materialized_view row_id rowstore_ordinal_range
        stored_query_result""",
    "it is not implemented yet.": "bin_auto",
}

REFUSED: tuple[Refused, ...] = tuple(
    Refused(name, reason) for reason, names in _GROUPS.items() for name in names.split()
)
"""Every refused name; what the library or the compiler does offer takes precedence over an entry here."""
