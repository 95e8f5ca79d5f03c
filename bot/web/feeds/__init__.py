"""Feeds for Power BI and other readers: OData v4, and CSV."""
