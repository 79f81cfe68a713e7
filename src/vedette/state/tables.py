"""The state store's tables as the newest migration leaves them."""

from sqlalchemy import BigInteger, Column, MetaData, Table, Text

metadata = MetaData()

documents = Table(
    "documents",
    metadata,
    Column("key", Text, primary_key=True),  # the id in lower case
    Column("id", Text, nullable=False),
    Column("type_key", Text, nullable=False),  # the type in lower case
    Column("type", Text, nullable=False),
    Column("scope", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("etag", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("created", BigInteger, nullable=False),  # microseconds since 1970, UTC
    Column("modified", BigInteger, nullable=False),
    Column("instant_a", BigInteger),  # what these five hold depends on the type: see `indexed`
    Column("instant_b", BigInteger),
    Column("number_a", BigInteger),
    Column("text_a", Text),
    Column("text_b", Text),
)

outbox = Table(
    "outbox",
    metadata,
    Column("sequence", BigInteger, primary_key=True),
    Column("workspace_id", Text, nullable=False),
    Column("table_name", Text, nullable=False),
    Column("row", Text, nullable=False),
)

counters = Table(
    "counters",
    metadata,
    Column("scope", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("value", BigInteger, nullable=False),
)

facts = Table(
    "facts",
    metadata,
    Column("key", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

EPOCH = "server/epoch"
"""The fact that counts how often a server began to work with a shared database; it is of the database alone."""

versions = Table(  # how often the documents of a type were changed; only where other processes may change them
    "versions",
    metadata,
    Column("type_key", Text, primary_key=True),  # empty for all types
    Column("value", BigInteger, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    Column("sequence", BigInteger, primary_key=True),
    Column("at", BigInteger, nullable=False),  # microseconds since 1970, UTC
    Column("subject", Text, nullable=False),  # lower case, as the two that follow; empty where there is none
    Column("provider", Text, nullable=False),
    Column("correlation", Text, nullable=False),
    Column("record", Text, nullable=False),
    Column("previous", Text, nullable=False),
    Column("seal", Text, nullable=False),
)

format_version = Table("format_version", metadata, Column("version", BigInteger, nullable=False))
