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
    "geospatial functions are not implemented yet.": """
        geo_angle geo_azimuth geo_closest_point_on_line geo_closest_point_on_polygon geo_distance_2points
        geo_distance_point_to_line geo_distance_point_to_polygon geo_from_wkt geo_geohash_neighbors
        geo_geohash_to_central_point geo_geohash_to_polygon geo_h3cell_children geo_h3cell_level geo_h3cell_neighbors
        geo_h3cell_parent geo_h3cell_rings geo_h3cell_to_central_point geo_h3cell_to_polygon geo_intersection_2lines
        geo_intersection_2polygons geo_intersection_line_with_polygon geo_intersects_2lines geo_intersects_2polygons
        geo_intersects_line_with_polygon geo_line_buffer geo_line_centroid geo_line_densify geo_line_interpolate_point
        geo_line_length geo_line_locate_point geo_line_simplify geo_line_to_s2cells geo_point_buffer geo_point_in_circle
        geo_point_in_polygon geo_point_to_geohash geo_point_to_h3cell geo_point_to_s2cell geo_polygon_area
        geo_polygon_buffer geo_polygon_centroid geo_polygon_densify geo_polygon_perimeter geo_polygon_simplify
        geo_polygon_to_h3cells geo_polygon_to_s2cells geo_s2cell_neighbors geo_s2cell_to_central_point
        geo_s2cell_to_polygon geo_simplify_polygons_array geo_union_lines_array geo_union_polygons_array
        __geo_length_to_s2cell_level __geo_line_s2cell_covering_level __geo_line_validate
        __geo_polygon_s2cell_covering_level __geo_polygon_validate""",
    "there is no database of locations by IP address.": "geo_info_from_ip_address",
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
