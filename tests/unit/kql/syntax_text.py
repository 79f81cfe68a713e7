"""Shows a syntax tree as short text without spans, so that a test reads as the shape it expects."""

from dataclasses import MISSING, fields, is_dataclass
from typing import Any

from vedette.kql import syntax
from vedette.kql.diagnostics import Span
from vedette.kql.types import ScalarType


def shown(node: Any) -> str:
    """`(a == 1)`, `f(x, n=2)`, `Where(predicate=…)`: brackets show precedence."""
    match node:
        case syntax.Name():
            return node.name
        case syntax.Star():
            return "*"
        case syntax.Wildcard():
            return f"~{node.pattern}"
        case syntax.Literal():
            return _literal(node)
        case syntax.Binary():
            return f"({shown(node.left)} {node.operator} {shown(node.right)})"
        case syntax.Unary():
            return f"{node.operator}{shown(node.operand)}"
        case syntax.Member():
            return f"{shown(node.base)}.{node.name}"
        case syntax.Index():
            return f"{shown(node.base)}[{shown(node.index)}]"
        case syntax.Call():
            base = "" if node.base is None else f"{shown(node.base)}."
            return f"{base}{node.name}({', '.join(map(_argument, node.arguments))})"
        case syntax.InList():
            return f"({shown(node.operand)} {node.operator} {_list(node.items)})"
        case syntax.Between():
            return f"({shown(node.operand)} {'!' * node.negated}between {shown(node.low)}..{shown(node.high)})"
        case syntax.Named():
            return f"{'+'.join(node.names)}={shown(node.value)}"
        case syntax.Pipe():
            source = [] if node.source is None else [shown(node.source)]
            return " | ".join([*source, *map(shown, node.operators)])
        case syntax.Query():
            return "; ".join(map(shown, node.statements))
        case syntax.ExpressionStatement():
            return shown(node.expression)
        case syntax.ColumnDeclaration():
            return f"{node.name}:{node.type.value}"
        case _:
            return _other(node)


def _literal(node: syntax.Literal) -> str:
    if node.type in (ScalarType.string, ScalarType.long, ScalarType.bool, ScalarType.real) and node.value is not None:
        return repr(node.value)
    return f"{node.type.value}<{node.value}>"


def _argument(argument: syntax.Argument) -> str:
    return shown(argument.value) if argument.name is None else f"{argument.name}={shown(argument.value)}"


def _list(values: Any) -> str:
    return f"[{', '.join(map(shown, values))}]"


def _other(value: Any) -> str:
    if isinstance(value, tuple):
        return _list(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}={shown(item)}" for key, item in value.items()) + "}"
    if isinstance(value, ScalarType):
        return value.value
    if not is_dataclass(value):
        return str(value)
    parts = [
        f"{field.name}={shown(getattr(value, field.name))}"
        for field in fields(value)
        if not isinstance(getattr(value, field.name), Span) and not _is_left_out(field, getattr(value, field.name))
    ]
    return f"{type(value).__name__}({', '.join(parts)})"


def _is_left_out(field: Any, value: Any) -> bool:
    """Fields that hold nothing, or what they hold by default."""
    if value is None or value in ((), {}):
        return True
    if value is False:
        return field.default is not None
    return field.default is not MISSING and value == field.default
