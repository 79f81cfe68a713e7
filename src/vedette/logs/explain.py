"""What a query means and how it would run, without running it."""

from dataclasses import dataclass

from vedette.core.settings import ExternalDataSettings
from vedette.engine.engine import QueryEngine
from vedette.engine.limits import DEFAULT_LIMITS, Limits
from vedette.kql.catalog import Catalog
from vedette.kql.compile import compile_query
from vedette.kql.diagnostics import Diagnostic
from vedette.kql.likely_mistakes import likely_mistakes
from vedette.kql.plan_text import plan_text
from vedette.logs.data import QueryData
from vedette.logs.external_data import NOTHING_ALLOWED
from vedette.logs.query import QueryText
from vedette.logs.result import ResultColumn
from vedette.sql.instants import fill
from vedette.sql.lower import to_sql


@dataclass(frozen=True, slots=True)
class Explanation:
    """`plan`: the tree, the last step first. `steps`: the SQL with a CTE for each step. `sql`: the SQL that runs, where
    steps are folded into each other. Both are of the query's instant and timespan."""

    columns: tuple[ResultColumn, ...]
    plan: str
    steps: str
    sql: str
    warnings: tuple[Diagnostic, ...]


def explain(
    engine: QueryEngine,
    catalog: Catalog,
    query: QueryText,
    limits: Limits = DEFAULT_LIMITS,
    external: ExternalDataSettings = NOTHING_ALLOWED,
) -> Explanation:
    """Compile and lower a query; the engine is asked only where columns depend on data. Raises KqlError with positions,
    and then what running a query raises."""
    data = QueryData(engine, query.instants, limits, None, external)
    compiled = compile_query(query.text, catalog, now=query.now, timespan=query.timespan, data=data)
    instants, dialect = query.instants, engine.dialect
    mistakes = likely_mistakes(query.text, catalog, has_timespan=query.timespan is not None)
    return Explanation(
        columns=tuple(ResultColumn(name, type) for name, type in compiled.columns),
        plan=plan_text(compiled.plan),
        steps=fill(to_sql(compiled, dialect, in_steps=True), instants),
        sql=fill(to_sql(compiled, dialect), instants),
        warnings=(*compiled.warnings, *mistakes),
    )
