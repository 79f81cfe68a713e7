"""That a case failed."""


class CaseFailed(Exception):
    """What came of a case is not what it expects; the text says what differs, and why."""
