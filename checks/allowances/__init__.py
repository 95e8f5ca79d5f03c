"""The parts of the check `rate_limit`, pure: what is seen of an allowance, and how it is said."""
