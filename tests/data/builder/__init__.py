"""The sample crawl, from invented stories to files, in reading order.

`stories` (what was reported, and who copied whom) → `hosts` (where it stands, between which residue) → `pages`
(HTML as a publisher serves it, text as an extractor leaves it) → `records` (WARC, WET, zip, JSONL, Parquet) →
`faults` (what is broken on purpose) → `truth` (what a cleaner should make of it).
"""
