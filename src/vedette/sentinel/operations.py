"""The work of every kind of long-running operation of the management plane."""

from vedette.arm.context import Context
from vedette.arm.operations import Work
from vedette.sentinel.deployment_scripts import KIND as SCRIPT
from vedette.sentinel.deployment_scripts import SIDE_BY_SIDE as SCRIPTS_SIDE_BY_SIDE
from vedette.sentinel.deployment_scripts import script_works
from vedette.sentinel.deployments.places import KIND, SIDE_BY_SIDE
from vedette.sentinel.deployments.resources import deployment_works
from vedette.sentinel.file_imports import file_import_works
from vedette.sentinel.purge import purge_works
from vedette.sentinel.resource_groups import group_works
from vedette.sentinel.restored_logs import restore_works
from vedette.sentinel.search_jobs import search_works
from vedette.sentinel.summary_rules import summary_works
from vedette.sentinel.tables import table_works
from vedette.sentinel.watchlist_work import watchlist_works


def operation_works(context: Context) -> dict[str, Work]:
    """What `Operations.serve` does, by kind."""
    works = table_works(context) | search_works(context) | restore_works(context) | purge_works(context)
    works |= file_import_works(context) | deployment_works(context)
    works |= script_works(context)
    return works | summary_works(context) | watchlist_works(context) | group_works(context)


APART = {KIND: SIDE_BY_SIDE, SCRIPT: SCRIPTS_SIDE_BY_SIDE}
"""Operations that wait for others, and so many threads for them."""
