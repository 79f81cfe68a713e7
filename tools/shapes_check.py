"""Says how shapes/ breaks what was released, and fails; with --release, makes the present shapes the released ones.

A client of a released version must go on working: no property, enum member, kind or operation goes away, nothing
becomes required, read-only or of another type, no bound becomes narrower; and a row of `versions.json` changes only as
tests/unit/test_shapes_check.py shows.
"""

import json
import lzma
import sys
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
SHAPES = ROOT / "shapes"
RELEASED = ROOT / "tests" / "shapes" / "released.json.xz"
_WIDER = {"minimum": max, "minLength": max, "minItems": max, "maximum": min, "maxLength": min, "maxItems": min}
"""For each bound: which of two is the narrower one."""


def main() -> None:
    """Compare, or release."""
    present = read_shapes()
    problems = list(breaks(json.loads(lzma.decompress(RELEASED.read_bytes())), present)) if RELEASED.exists() else []
    if problems:
        sys.exit("shapes/ breaks what was released:\n" + "\n".join(problems))
    if "--release" in sys.argv[1:]:
        RELEASED.parent.mkdir(exist_ok=True)
        RELEASED.write_bytes(lzma.compress(json.dumps(present, sort_keys=True).encode(), preset=9))


def read_shapes() -> dict[str, Any]:
    """Every file of shapes/ by its path there."""
    return {
        str(file.relative_to(SHAPES)): json.loads(file.read_text(encoding="utf-8"))
        for file in sorted(SHAPES.rglob("*.json"))
    }


def breaks(released: Mapping[str, Any], present: Mapping[str, Any]) -> Iterator[str]:
    """Each way in which what was released does not hold any more, as a line."""
    for file, was in released.items():
        if file == "versions.json":
            yield from _changed_rows(was, present.get(file, {}))
        elif file not in present:
            yield f"{file}: is gone"
        else:
            yield from _changed(file, was, present[file])


def _changed(file: str, was: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    for name, fact in was["definitions"].items():
        found = now["definitions"].get(name)
        yield from [f"{file} {name}: is gone"] if found is None else _definition(f"{file} {name}", fact, found)
    for name, fact in was["operations"].items():
        found = now["operations"].get(name, {})
        for part in ("method", "path"):
            if fact[part] != found.get(part):
                yield f"{file} {name}: {part} was {fact[part]}"
        if "body" in found or "body" in fact:
            yield from _schema(f"{file} {name} body", fact.get("body", "any"), found.get("body", "any"))


def _definition(place: str, was: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    members, present = ([*fact.get("enum", ()), *fact.get("also", ())] for fact in (was, now))
    yield from (f"{place}: member {each} is gone" for each in members if each not in present)
    yield from (f"{place}: kind {each} is gone" for each in was.get("kinds", {}) if each not in now.get("kinds", {}))
    required = set(now.get("required", ())) - set(was.get("required", ()))
    yield from (f"{place}: {each} is required now" for each in sorted(required))
    for name, schema in was.get("properties", {}).items():
        found = now.get("properties", {}).get(name)
        yield from [f"{place}.{name}: is gone"] if found is None else _schema(f"{place}.{name}", schema, found)


def _schema(place: str, was: Any, now: Any) -> Iterator[str]:
    before, after = (each if isinstance(each, dict) else {"is": each} for each in (was, now))
    if before["is"] != after["is"] and before["is"] != f"{after['is']} readOnly":
        yield f"{place}: is {after['is']}, was {before['is']}"
    for part in ("items", "values"):
        if part in before or part in after:
            yield from _schema(f"{place}.{part}", before.get(part, "any"), after.get(part, "any"))
    for bound, narrower in _WIDER.items():
        if bound in after and (bound not in before or narrower(before[bound], after[bound]) != before[bound]):
            yield f"{place}: {bound} is {after[bound]}"
    if "pattern" in after and after["pattern"] != before.get("pattern"):
        yield f"{place}: pattern is {after['pattern']}"
    gone = set(before.get("numbers", ())) - set(after.get("numbers", ()))
    if "numbers" in after and gone:
        yield f"{place}: numbers {sorted(gone)} are gone"


def _changed_rows(was: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    for namespace, fact in was.items():
        present = now.get(namespace, {"versions": {}, "previews": []})
        added = set(present["previews"]) - set(fact["previews"])
        yield from (f"{namespace} {each}: had stable versions" for each in sorted(added))
        for name, steps in fact["versions"].items():
            yield from _row(f"{namespace} {name}", steps, present["versions"].get(name, []))


def _row(place: str, was: list[list[str]], now: list[list[str]]) -> Iterator[str]:
    """A step that has begun stays; one that is to come may only be later, and is never taken back before it began."""
    dates = {state: begins for begins, state in now}
    today = date.today().isoformat()  # the table goes by whole days
    for begins, state in was:
        if begins <= today and dates.get(state) != begins:
            yield f"{place}: was {state} from {begins}"
        elif state in dates and dates[state] < begins:
            yield f"{place}: would be {state} sooner than {begins}"
    known = {state for _, state in was}
    for begins, state in now:
        if state not in known and state != "retired" and begins < today and known:
            yield f"{place}: {state} cannot have begun on {begins}, before anybody was told"


if __name__ == "__main__":
    main()
