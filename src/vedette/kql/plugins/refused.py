"""Plugins that Kusto knows and Vedette does not run, each with its reason: using one is an error that says so."""

from collections.abc import Mapping

_GROUPS: Mapping[str, str] = {
    "code in other languages is not run inside queries; take the rows out through the query API.": "python r csharp",
    "queries do not reach into other databases; bring the data in through an ingestion API.": """
        sql_request mysql_request postgresql_request cosmosdb_sql_request azure_digital_twins_query_request
        execute_query dax_request external_datatable""",
    "queries do not call language models.": """
        ai_chat_completion ai_chat_completion_prompt ai_embed_text ai_embeddings""",
    "queries do not read cloud storage; externaldata reads files over HTTP(S).": """
        infer_storage_schema infer_storage_schema_with_suggestions""",
    "it gives several tables, and a plugin gives one here.": "preview funnel_sequence funnel_analysis",
    "how it finds its patterns is not published; diffpatterns compares columns.": "diffpatterns_text",
    "it speaks of a Kusto cluster's own state, which there is none of here.": """
        execute_show_command estimate_rows_count identity identity_v3""",
}

REFUSED: Mapping[str, str] = {name: reason for reason, names in _GROUPS.items() for name in names.split()}
"""The reason of each refused plugin."""
