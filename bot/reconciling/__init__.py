"""Reconciliation at work: reads both sides of each pairing, compares, remembers and tells.

`running` says what is due and lets it be done, beside the rounds; `comparing` takes one pairing and
one window from reading to outcome, by `reading` (lists) and `asking` (single keys); `catching`
writes down what differs; `telling` has the thread of the incident told; `forgetting` deletes.
"""
