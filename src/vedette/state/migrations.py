"""The store's format, step by step: each migration brings a database from the version before to its own."""

from sqlalchemy import Connection, insert, inspect, select, update

from vedette.core.errors import Unsupported
from vedette.state.instants import INSTANT_PATTERN
from vedette.state.tables import format_version

_NOTHING = -(2**62)
_INCIDENTS = "'microsoft.securityinsights/incidents'"
_COMMENTS = "'microsoft.securityinsights/incidents/comments'"
_ENTITIES = "'microsoft.securityinsights/entities'"
_INDEXES = tuple(
    f"""CREATE INDEX documents_by_{first} ON documents
        (type_key, scope, {first}, created, key, text_a, text_b, {", ".join(others)}) WHERE {first} IS NOT NULL"""
    for first, *others in (
        ("instant_a", "instant_b", "number_a"),
        ("instant_b", "instant_a", "number_a"),
        ("number_a", "instant_a", "instant_b"),
    )
)
"""A page is read from one end of an index, and what it is filtered by stands in the index too."""

SQLITE_MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        """CREATE TABLE documents (
            key TEXT NOT NULL PRIMARY KEY, id TEXT NOT NULL, type_key TEXT NOT NULL, type TEXT NOT NULL,
            scope TEXT NOT NULL, name TEXT NOT NULL, etag TEXT NOT NULL, body TEXT NOT NULL,
            created BIGINT NOT NULL, modified BIGINT NOT NULL)""",
        "CREATE INDEX documents_by_type ON documents (type_key, scope, created, key)",
        "CREATE INDEX documents_by_scope ON documents (scope)",
        """CREATE TABLE outbox (
            sequence BIGINT NOT NULL PRIMARY KEY, workspace_id TEXT NOT NULL, table_name TEXT NOT NULL,
            "row" TEXT NOT NULL)""",
        """CREATE TABLE counters (
            scope TEXT NOT NULL, name TEXT NOT NULL, value BIGINT NOT NULL, PRIMARY KEY (scope, name))""",
        "CREATE TABLE facts (key TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL)",
    ),
    ("CREATE TABLE versions (type_key TEXT NOT NULL PRIMARY KEY, value BIGINT NOT NULL)",),
    (
        """CREATE TABLE audit (
            sequence INTEGER NOT NULL PRIMARY KEY, at BIGINT NOT NULL, subject TEXT NOT NULL, provider TEXT NOT NULL,
            correlation TEXT NOT NULL, record TEXT NOT NULL, previous TEXT NOT NULL, seal TEXT NOT NULL)""",
        "CREATE INDEX audit_by_time ON audit (at)",
        "CREATE INDEX audit_by_subject ON audit (subject, sequence) WHERE subject <> ''",
        "CREATE INDEX audit_by_correlation ON audit (correlation) WHERE correlation <> ''",
    ),
    (
        "ALTER TABLE documents ADD COLUMN instant_a BIGINT",
        "ALTER TABLE documents ADD COLUMN instant_b BIGINT",
        "ALTER TABLE documents ADD COLUMN number_a BIGINT",
        "ALTER TABLE documents ADD COLUMN text_a TEXT",
        "ALTER TABLE documents ADD COLUMN text_b TEXT",
        f"""UPDATE documents SET
            instant_a = coalesce(vedette_instant(json_extract(body, '$.properties.createdTimeUtc')), {_NOTHING}),
            instant_b = coalesce(
                vedette_instant(json_extract(body, '$.properties.lastModifiedTimeUtc')), {_NOTHING})
            WHERE type_key IN ({_INCIDENTS}, {_COMMENTS})""",
        f"""UPDATE documents SET
            number_a = coalesce(json_extract(body, '$.properties.incidentNumber'), {_NOTHING}),
            text_a = json_extract(body, '$.properties.status'),
            text_b = json_extract(body, '$.properties.severity')
            WHERE type_key = {_INCIDENTS}""",
        *_INDEXES,
    ),
    (
        f"""UPDATE documents SET
            instant_a = coalesce(vedette_instant(json_extract(body, '$.properties.timeGenerated')), {_NOTHING}),
            text_a = json_extract(body, '$.kind'),
            text_b = json_extract(body, '$.properties.status')
            WHERE type_key = {_ENTITIES}""",
    ),
)
"""Statements of version 1, version 2 and so on; a released one is never edited."""

_INSTANT = f"""CREATE FUNCTION vedette_instant(value text) RETURNS bigint
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    parts text[] := regexp_match(value, '^{INSTANT_PATTERN}$');
    first_of_month date;
    seconds bigint;
BEGIN
    IF parts IS NULL OR parts[1] = '0000' THEN
        RETURN NULL;
    END IF;
    first_of_month := make_date(parts[1]::int, parts[2]::int, 1);
    IF parts[3] = '00' OR first_of_month + parts[3]::int > (first_of_month + interval '1 month')::date THEN
        RETURN NULL;
    END IF;
    seconds := (first_of_month - date '1970-01-01' + parts[3]::int - 1) * 86400::bigint
        + parts[4]::int * 3600 + parts[5]::int * 60 + parts[6]::int;
    IF parts[8] IS NOT NULL THEN
        seconds := seconds - (parts[8] || '1')::int * (parts[9]::int * 3600 + parts[10]::int * 60);
    END IF;
    RETURN seconds * 1000000 + rpad(left(coalesce(parts[7], '0'), 6), 6, '0')::int;
END $$"""

POSTGRESQL_MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        _INSTANT,
        """CREATE TABLE documents (
            key TEXT COLLATE "C" NOT NULL PRIMARY KEY, id TEXT COLLATE "C" NOT NULL,
            type_key TEXT COLLATE "C" NOT NULL, type TEXT COLLATE "C" NOT NULL, scope TEXT COLLATE "C" NOT NULL,
            name TEXT COLLATE "C" NOT NULL, etag TEXT COLLATE "C" NOT NULL, body TEXT COLLATE "C" NOT NULL,
            created BIGINT NOT NULL, modified BIGINT NOT NULL,
            content JSONB NOT NULL GENERATED ALWAYS AS (body::jsonb) STORED)""",
        "CREATE INDEX documents_by_type ON documents (type_key, scope, created, key)",
        "CREATE INDEX documents_by_scope ON documents (scope)",
        """CREATE TABLE outbox (
            sequence BIGINT NOT NULL PRIMARY KEY, workspace_id TEXT NOT NULL, table_name TEXT NOT NULL,
            "row" TEXT NOT NULL)""",
        """CREATE TABLE counters (
            scope TEXT COLLATE "C" NOT NULL, name TEXT COLLATE "C" NOT NULL, value BIGINT NOT NULL,
            PRIMARY KEY (scope, name))""",
        'CREATE TABLE facts (key TEXT COLLATE "C" NOT NULL PRIMARY KEY, value TEXT NOT NULL)',
    ),
    ('CREATE TABLE versions (type_key TEXT COLLATE "C" NOT NULL PRIMARY KEY, value BIGINT NOT NULL)',),
    (
        """CREATE TABLE audit (
            sequence BIGINT NOT NULL PRIMARY KEY, at BIGINT NOT NULL, subject TEXT COLLATE "C" NOT NULL,
            provider TEXT COLLATE "C" NOT NULL, correlation TEXT COLLATE "C" NOT NULL, record TEXT NOT NULL,
            previous TEXT NOT NULL, seal TEXT NOT NULL)""",
        "CREATE INDEX audit_by_time ON audit (at)",
        "CREATE INDEX audit_by_subject ON audit (subject, sequence) WHERE subject <> ''",
        "CREATE INDEX audit_by_correlation ON audit (correlation) WHERE correlation <> ''",
    ),
    (
        """ALTER TABLE documents ADD COLUMN instant_a BIGINT, ADD COLUMN instant_b BIGINT, ADD COLUMN number_a BIGINT,
            ADD COLUMN text_a TEXT COLLATE "C", ADD COLUMN text_b TEXT COLLATE "C" """,
        f"""UPDATE documents SET
            instant_a = coalesce(vedette_instant(content #>> '{{properties,createdTimeUtc}}'), {_NOTHING}),
            instant_b = coalesce(
                vedette_instant(content #>> '{{properties,lastModifiedTimeUtc}}'), {_NOTHING})
            WHERE type_key IN ({_INCIDENTS}, {_COMMENTS})""",
        f"""UPDATE documents SET
            number_a = coalesce((content #>> '{{properties,incidentNumber}}')::bigint, {_NOTHING}),
            text_a = content #>> '{{properties,status}}',
            text_b = content #>> '{{properties,severity}}'
            WHERE type_key = {_INCIDENTS}""",
        *_INDEXES,
    ),
    (
        f"""UPDATE documents SET
            instant_a = coalesce(vedette_instant(content #>> '{{properties,timeGenerated}}'), {_NOTHING}),
            text_a = content #>> '{{kind}}',
            text_b = content #>> '{{properties,status}}'
            WHERE type_key = {_ENTITIES}""",
    ),
)
"""The same versions, in PostgreSQL's words."""

FORMAT_VERSION = len(SQLITE_MIGRATIONS)


def migrate(connection: Connection, migrations: tuple[tuple[str, ...], ...]) -> None:
    """Bring a database to the last of its migrations, inside the caller's transaction.

    Raises Unsupported (StateFormatTooNew) when a newer release wrote it; nothing is changed then.
    """
    version = _version(connection)
    if version > len(migrations):
        raise Unsupported(
            "StateFormatTooNew",
            f"The state was written in format {version}; this release reads formats up to {len(migrations)}. "
            "Run the release that wrote it, or a newer one.",
        )
    for statements in migrations[version:]:
        for statement in statements:
            connection.exec_driver_sql(statement)
    connection.execute(update(format_version).values(version=len(migrations)))


def _version(connection: Connection) -> int:
    if not inspect(connection).has_table(format_version.name):
        format_version.create(connection)
        connection.execute(insert(format_version).values(version=0))
    return connection.execute(select(format_version.c.version)).scalar_one()
