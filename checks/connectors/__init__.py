"""The systems we can read, one file each; found by being here (see `checks.systems`)."""
