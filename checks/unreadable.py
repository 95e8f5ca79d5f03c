"""The errors of reading a system; the tree is drawn in `checks/fetch.py`."""

from __future__ import annotations

from datetime import timedelta

from checks.declare import No


class Unreadable(Exception):
    """We could not look. `status` is the HTTP status when one came; `passing` invites a retry.

    `no` is the system's no where it was recognised as one, whatever the HTTP status; else None.
    """

    def __init__(
        self,
        what: str,
        *,
        retry_after: timedelta | None = None,
        status: int | None = None,
        passing: bool = False,
        no: No | None = None,
    ) -> None:
        super().__init__(what)
        self.what = what
        self.retry_after = retry_after
        self.status = status
        self.passing = passing
        self.no = no


class Refused(Unreadable):
    """A person must act before this can work again."""


class Unavailable(Unreadable):
    """Not now; the next round may do."""
