"""What a tenant is called before anybody names it."""

from typing import Final

DEFAULT_DOMAIN: Final = "vedette.local"
"""The domain that user principal names end in unless they say another."""

TENANT_NAME: Final = "Vedette"
