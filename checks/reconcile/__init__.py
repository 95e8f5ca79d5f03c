"""Whether what one system holds arrived in another: counts, sums, freshness, record by record.

`compare.Comparison` takes records as they are read, page by page, and keeps them on disk, so that a
million a side fit in little memory. What decides is pure: `values` (one form for values that mean
the same), `classes` (how two values differ), `judge` (what one key's records come to), `looks` (the
cheap looks at totals), `window` (which span is compared when), `showing` (what may be shown).
"""
