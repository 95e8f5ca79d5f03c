"""The parts of the check of credentials, all pure: whom a log blames, how near an end is, words."""
