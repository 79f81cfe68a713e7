"""Whether a query looks at each row for itself, so that its answer is the sum of those over parts of the rows."""

from collections.abc import Iterator

from vedette.kql import plan
from vedette.kql.plan_expressions import operands


def is_row_by_row(node: plan.Plan) -> bool:
    """Whether every row of the answer comes from one row of one table, and from nothing else of any table."""
    match node:
        case plan.Scan():
            return True
        case plan.Filter():
            return _is_of_row(node.predicate) and is_row_by_row(node.input)
        case plan.Project() | plan.Expand():
            return all(_is_of_row(each) for _, each in node.items) and is_row_by_row(node.input)
        case plan.Union():
            return all(is_row_by_row(each) for each in node.inputs)
        case plan.Shared():
            return is_row_by_row(node.plan)
        case _:
            return False


def tables_read(node: plan.Plan) -> frozenset[str]:
    """The lower-cased names of the tables whose rows a row-by-row plan reads."""
    match node:
        case plan.Scan():
            return frozenset({node.table.name.lower()})
        case plan.Filter() | plan.Project() | plan.Expand():
            return tables_read(node.input)
        case plan.Union():
            return frozenset[str]().union(*map(tables_read, node.inputs))
        case plan.Shared():
            return tables_read(node.plan)
        case _:
            return frozenset()


def reads_now(node: plan.Plan) -> bool:
    """Whether a row-by-row plan reads the instant at which it runs."""
    return any(_reads_now(each) for each in _expressions(node))


def keeps_column(node: plan.Plan, name: str) -> bool:
    """Whether the column of a row-by-row answer is that of the same name of every table that it reads, unchanged."""
    field = next((each for each in node.fields if each.name == name), None)
    return field is not None and _is_kept(node, field, name)


def _is_kept(node: plan.Plan, field: plan.Field, name: str) -> bool:
    match node:
        case plan.Scan():
            return field.name == name and any(each.id == field.id for each in node.fields)
        case plan.Filter():
            return _is_kept(node.input, field, name)
        case plan.Project():
            source = next((each for defined, each in node.items if defined.id == field.id), None)
            return isinstance(source, plan.Reference) and _is_kept(node.input, source.field, name)
        case plan.Expand():
            return any(each.id == field.id for each in node.carried) and _is_kept(node.input, field, name)
        case plan.Union():
            place = next((place for place, each in enumerate(node.fields) if each.id == field.id), None)
            return place is not None and all(_is_kept(each, each.fields[place], name) for each in node.inputs)
        case plan.Shared():
            place = next((place for place, each in enumerate(node.fields) if each.id == field.id), None)
            return place is not None and _is_kept(node.plan, node.plan.fields[place], name)
        case _:
            return False


def _expressions(node: plan.Plan) -> Iterator[plan.Expression]:
    match node:
        case plan.Filter():
            yield node.predicate
            yield from _expressions(node.input)
        case plan.Project() | plan.Expand():
            yield from (each for _, each in node.items)
            yield from _expressions(node.input)
        case plan.Union():
            for each in node.inputs:
                yield from _expressions(each)
        case plan.Shared():
            yield from _expressions(node.plan)
        case _:
            return


def _is_of_row(node: plan.Expression) -> bool:
    if isinstance(node, plan.ScalarSubquery | plan.InSubquery):
        return False
    return all(map(_is_of_row, operands(node)))


def _reads_now(node: plan.Expression) -> bool:
    return (isinstance(node, plan.Instant) and node.of == "now") or any(map(_reads_now, operands(node)))
