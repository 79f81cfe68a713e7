"""The variables of a template, each evaluated once, when it is first asked for.

https://learn.microsoft.com/azure/azure-resource-manager/templates/variables
"""

from dataclasses import replace
from typing import Any

from vedette.arm.templates.context import Context, Place
from vedette.arm.templates.copies import copied_properties
from vedette.arm.templates.errors import refused
from vedette.arm.templates.evaluation import evaluated, watched
from vedette.arm.templates.facts import Json
from vedette.expressions.errors import ExpressionError

_USAGE = "Please see https://aka.ms/arm-template/#variables for usage details."


class Variables:
    """The values of a template's variables as they become known."""

    def __init__(self, defined: Json, context: Context) -> None:
        self._context = replace(context, place=Place.VARIABLE, variable=self.value, is_secret=self.is_secret)
        self._secret: set[str] = set()
        self._defined = {name.lower(): (name, value) for name, value in defined.items() if name.lower() != "copy"}
        self._values: dict[str, Any] = {}
        self._busy: list[str] = []
        self._loops = {name.lower(): value for name, value in defined.items() if name.lower() == "copy"}

    def check(self) -> None:
        """Raises InvalidTemplate for a variable that cannot be evaluated."""
        self._copy()
        for name, _ in self._defined.values():
            try:
                self.value(name)
            except ExpressionError as error:
                raise refused(
                    f"The template variable '{name}' is not valid: {error.message}. Please see "
                    "https://aka.ms/arm-template-expressions for usage details."
                ) from error

    def value(self, name: str) -> Any:
        """The value of a variable, whose name may have any casing. Raises ExpressionError."""
        folded = name.lower()
        if folded in self._values:
            return self._values[folded]
        if folded not in self._defined:
            self._copy()
            if folded in self._values:
                return self._values[folded]
        if folded not in self._defined:
            raise ExpressionError(f"The template variable '{name[:200]}' is not found. {_USAGE}")
        if folded in self._busy:
            chain = "' -> '".join((*self._busy[self._busy.index(folded) :], folded))
            raise ExpressionError(f"Circular dependency detected on template variable '{name}': '{chain}'. {_USAGE}")
        self._busy.append(folded)
        try:
            self._values[folded], secret = watched(
                lambda: evaluated(self._defined[folded][1], self._context), self._context
            )
        finally:
            self._busy.pop()
        if secret:
            self._secret.add(folded)
        return self._values[folded]

    def is_secret(self, name: str) -> bool:
        """Whether the value of a variable, which was asked for, comes from a secure parameter."""
        return name.lower() in self._secret

    def _copy(self) -> None:
        """The variables that the array `copy` beside them makes."""
        loops = self._loops.pop("copy", None)
        if loops is None:
            return
        try:
            made = copied_properties(loops, self._context, evaluated)
            if made is None:
                raise ExpressionError("'copy' must be an array of objects with 'name', 'count' and 'input'")
            for name, rounds in made:
                made_of, secret = watched(
                    lambda rounds=rounds: [evaluated(item, inside) for item, inside in rounds], self._context
                )
                self._values[name.lower()] = made_of
                if secret:
                    self._secret.add(name.lower())
        except ExpressionError as error:
            raise refused(
                f"The template variables are not valid: {error.message}. Please see https://aka.ms/arm-copy for usage "
                "details."
            ) from error
