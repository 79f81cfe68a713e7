"""The files that commands about content are given, read into the items of each workspace; what is wrong is told."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import click

from vedette.cli.content_selection import Selection
from vedette.cli.content_targets import Target
from vedette.content.forms import template
from vedette.content.item import Item
from vedette.content.parameters import filled_items
from vedette.content.place_of_templates import target_of
from vedette.content.plain_values import mapping_of
from vedette.content.planning import Action, Plan, check_items
from vedette.content.problem import UNREAD
from vedette.content.reading import ReadResult, read
from vedette.content.target import PIPELINES
from vedette.content.target import Target as Place
from vedette.core.errors import InvalidInput
from vedette.core.printable import printable

_MOST_SHOWN = 50


@dataclass(slots=True)
class ContentFiles:
    """Files and folders. They are read once, but for templates, which are read for each workspace."""

    paths: Sequence[Path]
    sigma_pipeline: str = PIPELINES[0]
    _result: ReadResult | None = None
    _told: set[str] = field(default_factory=set[str])

    def items_for(self, target: Target, selection: Selection | None = None) -> list[Item]:
        """The items as they are in that workspace: with its parameters, and of them those that are meant.

        Nothing is done with files of which one cannot be read: raises InvalidInput.
        """
        filled = filled_items(self._read(target), target.parameters, target.declared)
        check_items(filled)
        return selection.of(filled) if selection is not None else filled

    def check_deleted(self, plan: Plan) -> None:
        """Nothing that a file speaks of which could not be read is deleted: raises InvalidInput."""
        if self._result is None:
            return
        unread = {each.path for each in self._result.problems if each.topic == UNREAD}
        texts = {
            path: self._result.documents[path].text.casefold() for path in unread if path in self._result.documents
        }
        for change in plan.changed:
            item = change.item
            if change.action is not Action.DELETE or item.kind.parent:
                continue
            for path, text in texts.items():
                if item.name.casefold() in text or item.title.casefold() in text:
                    raise InvalidInput(
                        "UnreadFile",
                        f"{path} is in no form that is read, and speaks of the {item.kind.name} '{item.title}', which "
                        "--prune would delete. Mend the file, or leave it out.",
                    )

    def _read(self, target: Target) -> list[Item]:
        self._result = found = read_for(target, self.paths, self.sigma_pipeline, self._result)
        for problem in found.problems[:_MOST_SHOWN]:
            text = printable(str(problem))
            if text not in self._told:
                self._told.add(text)
                click.echo(text, err=True)
        if found.errors:
            count = len(found.errors)
            raise InvalidInput(
                "InvalidContent", f"{count} problem{'s' if count != 1 else ''} in the files; nothing was done."
            )
        if not found.items:
            raise InvalidInput("NoContent", f"There is no content in {', '.join(str(each) for each in self.paths)}.")
        return list(found.items)


def read_for(
    target: Target, paths: Sequence[Path], sigma_pipeline: str = PIPELINES[0], before: ReadResult | None = None
) -> ReadResult:
    """What files say of a workspace, which is asked about itself only where templates may want to know.

    `before` is what they said of another. Raises Refused and Unavailable.
    """
    workspace = target.workspace
    found = before or read(
        paths,
        Place(
            subscription=workspace.subscription,
            resource_group=workspace.group,
            workspace=workspace.name,
            sigma_pipeline=sigma_pipeline,
            parameters=target.parameters,
        ),
    )
    if not _has_templates(found):
        return found
    return read(paths, target_of(target.client, workspace, target.parameters, sigma_pipeline))


def _has_templates(result: ReadResult) -> bool:
    """Whether files may say something else for another workspace."""
    if any(each.source is not None and each.source.form == template.FORM for each in result.items):
        return True
    values = (value for document in result.documents.values() for value in document.values)
    return any(template.is_template(mapping_of(value)) for value in values)
