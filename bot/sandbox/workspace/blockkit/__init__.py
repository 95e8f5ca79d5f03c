"""Checks raw Block Kit JSON the way Slack does, and names each fault by JSON pointer."""
