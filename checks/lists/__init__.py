"""The lists of records of each system, one file per file of `checks.connectors`."""
