"""Why the bot was not started."""


class NotStarted(Exception):
    """Something outside is not as it must be; one sentence that says what to do."""
