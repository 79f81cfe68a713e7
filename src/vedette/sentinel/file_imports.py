"""Imports of files with indicators: those that are there can be listed and deleted; none can be begun, for that takes a
storage account to upload to.

https://learn.microsoft.com/rest/api/securityinsights/file-imports
"""

from vedette.arm.call import Answer, Call
from vedette.arm.context import Context
from vedette.arm.controller import shown
from vedette.arm.operations import OPERATIONS, Running, Work
from vedette.arm.resource import Resource
from vedette.sentinel.extension import extension
from vedette.sentinel.operation_statuses import accepted

_REMOVE = "file import removal"
_NO_ACCOUNT = "there is no storage account to upload files to; indicators are made with createIndicator"


def _delete(context: Context, call: Call) -> Answer:
    """DELETE: 202, and who follows `Location` learns when it is done."""
    with context.state.transaction() as transaction:
        document = transaction.get(call.path.id)
        if document is None:
            return Answer(204)
        name = context.operations.record(transaction, _REMOVE, document.id, {})
    context.operations.start(name)
    return accepted(context, call, name, shown(context, FILE_IMPORTS, call, document))


def file_import_works(context: Context) -> dict[str, Work]:
    """The work of the operations on file imports."""

    def remove(running: Running) -> None:
        with context.state.transaction() as transaction:
            transaction.delete(running.subject)
            transaction.delete_below(running.subject, keep=[OPERATIONS])

    return {_REMOVE: remove}


FILE_IMPORTS: Resource = extension(
    "file import", "fileImports", handlers={"DELETE": _delete}, refused={"PUT": _NO_ACCOUNT}
)
