"""Where a role, a denial or a request is: ids of the management plane, and which of them lie below which."""


def folded(scope: str) -> str:
    """An id in the form that is compared: one slash before it, none after it, in lower case. The tenant is `/`."""
    return "/" + scope.strip("/").lower()


def covers(above: str, below: str) -> bool:
    """Whether the id `above` is `below` or above it, by whole segments."""
    return within(folded(above), folded(below))


def within(above: str, below: str) -> bool:
    """Whether `below` is at or below `above`; both are folded already."""
    return above == "/" or below == above or below.startswith(f"{above}/")
