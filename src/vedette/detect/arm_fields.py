"""How ARM bodies write values: choices in any letter case, null for what is absent, durations, and errors by path."""

from datetime import datetime, timedelta
from enum import Enum
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from vedette.core.durations import parse_duration
from vedette.core.errors import InvalidInput
from vedette.core.instants import reckonable


class Part(BaseModel):
    """A part of an ARM body: camelCase names, immutable, unknown names ignored."""

    model_config = ConfigDict(frozen=True, alias_generator=to_camel, populate_by_name=True)


def any_case(choices: type[Enum]) -> BeforeValidator:
    """Accept a choice in any letter case."""
    by_name = {str(choice.value).lower(): choice.value for choice in choices}
    return BeforeValidator(lambda value: by_name.get(value.lower(), value) if isinstance(value, str) else value)


def absent_as(empty: Any) -> BeforeValidator:
    """Read null as `empty`."""
    return BeforeValidator(lambda value: empty if value is None else value)


def _duration(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return parse_duration(value)
    except InvalidInput as error:
        raise PydanticCustomError("duration", "{message}", {"message": error.message}) from error


def _reckonable(value: datetime) -> datetime:
    try:
        return reckonable(value)
    except ValueError as error:
        raise PydanticCustomError("instant", "{message}", {"message": str(error)}) from error


Instant = Annotated[AwareDatetime, AfterValidator(_reckonable)]
Duration = Annotated[timedelta, BeforeValidator(_duration)]
Texts = Annotated[tuple[str, ...], absent_as(())]


def invalid(subject: str, error: ValidationError) -> InvalidInput:
    """The error that names each wrong property of `subject` by its path."""
    problems = "; ".join(
        f"'{'.'.join(['properties', *map(str, each['loc'])])}'"
        + (" is missing" if each["type"] == "missing" else f": {each['msg']}")
        for each in error.errors()
    )
    return InvalidInput("BadRequest", f"Invalid properties for {subject}: {problems}.")
