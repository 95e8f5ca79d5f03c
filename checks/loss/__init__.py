"""The parts of the check on silent data loss, pure: a file a signal or two, and what they share."""
