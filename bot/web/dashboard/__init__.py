"""The page for people: how everything stands, read only."""
