"""The parts of the check of failing flows, all pure: how its runs went, why they failed, words."""
