"""The parts of the check on promises, pure: what is promised, what was kept, what is said of it."""
