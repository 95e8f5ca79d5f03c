"""The parts of the check of the run queue, all pure: what it is given, what it looks for."""
