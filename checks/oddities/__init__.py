"""The parts of the check on odd flows, pure: what it is given, what it asks, what it says."""
