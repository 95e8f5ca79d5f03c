"""A Patchworks look-alike: the platform's APIs over HTTP, on a simulated retailer's flows."""
