"""The resources of the platform's API, one file for each family."""
