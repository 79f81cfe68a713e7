"""The words that are names only in brackets, such as `['first']`.

Most of Kusto's keywords (`count`, `kind`, `step`, `on`, `pattern` …) may be names; these may not.
https://learn.microsoft.com/kusto/query/schema-entities/entity-names
"""

import re
from collections.abc import Mapping

RESERVED = frozenset(
    re.findall(
        r"\w+",
        """
        3Dchart and anomalychart areachart asc bagexpansion barchart between boolean byte cachingpolicy callout cancel
        card char columnchart contains_cs containscs cycles dataexport datascope date datetime decimal decodeblocks desc
        double dynamic encodingpolicy endswith endswith_cs expandoutput extent_tags_retention external_data first flags
        float force_remote harddelete hardretention has_all has_any has_cs hasprefix hasprefix_cs hassuffix hassuffix_cs
        hotcache int int16 int32 int64 int8 isfuzzy journal ladderchart last like likecs linechart long missing
        nooptimization notcontains notcontainscs notlike notlikecs or others pathformat piechart pivotchart queries
        query_results real relaxed restricted_view_access row_level_security rowstore rowstore_references
        rowstore_sealinfo rowstorepolicy rowstores scatterchart seal seals shards simple softdelete softretention
        stackedareachart startswith startswith_cs statistics storedqueryresultcontainers string tablepurge time
        timechart timeline timepivot timespan treemap uint uint16 uint32 uint64 uint8 ulong union uniqueid
        unrestrictedviewers views with_itemindex with_match_id with_step_name writeaheadlog
        """,
    )
)
"""Words that neither stand for a column, variable or table nor are given to one."""

RESERVED_IN_EXPRESSIONS = RESERVED | frozenset(
    re.findall(
        r"\w+",
        """
        accumulate as by contains datatable earliest externaldata find has in invoke latest materialize mdm of print
        project sample search set sql title to verbose viewers where
        """,
    )
)
"""Words that may be given to a column (`extend to = 1`) and stand for it in brackets only."""

TRUTH: Mapping[str, bool] = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
"""The ways to write a bool constant (https://learn.microsoft.com/kusto/query/scalar-data-types/bool)."""
