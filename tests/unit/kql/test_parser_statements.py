"""Statements and saved functions."""

import pytest
from tests.unit.kql.syntax_text import shown

from vedette.kql.diagnostics import KqlError, Span
from vedette.kql.parser import parse_function, parse_query

_ARGUMENT = "Parameter(name=a, type=string)"
_CASE = "PatternCase(values=['x'], path='y', body=T)"


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("T", "T"),
        (";; T ;; // done", "T"),
        ("let a = 1; T | take a;", "Let(name=a, value=1); T | Take(count=a)"),
        ("let a = T | take 1; a", "Let(name=a, value=T | Take(count=1)); a"),
        ("let ['a b'] = (1 + 2); print ['a b']", "Let(name=a b, value=(1 + 2)); Print(items=[a b])"),
        ("let f = () { T }; f", "Let(name=f, value=Lambda(body=T)); f"),
        ("let v = view () { T }; v", "Let(name=v, value=Lambda(body=T, is_view=True)); v"),
        (
            'let f = (a:long, b:string = "x", T:(*), U:(x:long)) { let y = a; T | where x == y; }; f(1, T=X)',
            (
                "Let(name=f, value=Lambda(parameters=[Parameter(name=a, type=long), "
                "Parameter(name=b, type=string, default='x'), "
                "Parameter(name=T, is_tabular=True), Parameter(name=U, is_tabular=True, columns=[x:long])], "
                "body=Let(name=y, value=a); T | Where(predicate=(x == y)))); f(1, T=X)"
            ),
        ),
        ("set notruncation; set x = 5; T", "Set(name=notruncation); Set(name=x, value=5); T"),
        (
            "declare query_parameters(a:long = 5, b:real); T",
            "DeclareParameters(parameters=[Parameter(name=a, type=long, default=5), Parameter(name=b, type=real)]); T",
        ),
        (
            "declare pattern p = (a:string)[b:string] { ('x').['y'] = {T}; }; T",
            f"DeclarePattern(name=p, arguments=[{_ARGUMENT}], path=Parameter(name=b, type=string), cases=[{_CASE}]); T",
        ),
        (
            "alias database d = cluster('c').database('d'); database('d').T",
            "Alias(name=d, value=cluster('c').database('d')); database('d').T",
        ),
        ("restrict access to (T, database('x').*); T", "Restrict(names=[T, database('x').*]); T"),
        ("T; U", "T; U"),
    ],
)
def test_statements(text: str, shape: str) -> None:
    assert shown(parse_query(text)) == shape


def test_a_saved_function() -> None:
    function = parse_function("since:datetime=datetime(null), T:(*), who:string='*'", "T\n| where t > since")
    assert shown(function) == (
        "Lambda(parameters=[Parameter(name=since, type=datetime, default=datetime<None>), "
        "Parameter(name=T, is_tabular=True), Parameter(name=who, type=string, default='*')], "
        "body=T | Where(predicate=(t > since)))"
    )
    assert function.parameters[0].span == Span(0, 29)
    assert function.body.span == Span(0, 19)


@pytest.mark.parametrize("parameters", ["", "  ", "()"])
def test_a_saved_function_without_parameters(parameters: str) -> None:
    assert parse_function(parameters, "T").parameters == ()


@pytest.mark.parametrize(
    ("parameters", "body", "faulty"),
    [("a", "T", "a"), ("a:long b:long", "T", "a:long b:long"), ("a:long)", "T", "a:long)"), ("a:long", "T |", "T |")],
)
def test_a_faulty_saved_function_names_the_faulty_text(parameters: str, body: str, faulty: str) -> None:
    with pytest.raises(KqlError) as caught:
        parse_function(parameters, body)
    assert caught.value.text == faulty
