"""Statements that say what names mean from there on: patterns, and `restrict access to`."""

from vedette.kql import plan, syntax
from vedette.kql.binder import Binder
from vedette.kql.environment import Environment, PatternValue, Restriction, RowScope


def restricted(binder: Binder, statement: syntax.Restrict, environment: Environment) -> Environment:
    """The scope after `restrict access to (names)`: let variables and tables by name or pattern, those of the workspace
    also as `database().name`; `*` means all let variables (https://learn.microsoft.com/kusto/query/restrict-statement).
    """
    values: list[str] = []
    tables: list[str] = []
    for node in statement.names:
        match node:
            case syntax.Name() | syntax.Wildcard():
                name = node.name if isinstance(node, syntax.Name) else node.pattern
                values.append(name)
                tables.extend([] if name == "*" else [name])
            case syntax.Star():
                values.append("*")
            case syntax.Member(base=syntax.Call(name="database", arguments=())):
                tables.append(node.name)
            case _:
                binder.fail("SEM0204", "Access is restricted to names of tables, functions and views.", node.span)
    return Environment({}, environment, Restriction(tuple(values), tuple(tables)))


def bind_pattern(
    binder: Binder, node: syntax.Call, path: syntax.Expression | None, value: PatternValue, environment: Environment
) -> plan.Plan:
    """The table that a pattern has for these arguments (https://learn.microsoft.com/kusto/query/pattern-statement).
    Raises KqlError (SEM0036) where it has none."""
    scope = RowScope((), environment)
    given = [_text(binder, argument.value, scope) for argument in node.arguments]
    wanted = None if path is None else _text(binder, path, scope)
    for case in value.node.cases:
        inner = RowScope((), value.environment)
        known = [_text(binder, each, inner) for each in case.values]
        if known == given and (None if case.path is None else _text(binder, case.path, inner)) == wanted:
            return binder.bind_table(binder, case.body, value.environment)
    arguments = ", ".join(f"'{each}'" for each in given)
    shown = f"{node.name}({arguments})" + (f".['{wanted}']" if wanted is not None else "")
    binder.fail(
        "SEM0036",
        f'One or more pattern references were not declared. Detected pattern references: ["{shown}"].',
        node.span,
    )


def _text(binder: Binder, node: syntax.Expression, scope: RowScope) -> str:
    value = binder.bind_scalar(binder, node, scope)
    if not isinstance(value, plan.Constant) or not isinstance(value.value, str):
        binder.fail("SEM0037", "A pattern takes constant texts.", node.span)
    return value.value
