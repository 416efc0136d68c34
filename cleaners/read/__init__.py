"""Inputs → raw articles.

In reading order:

inputs    what the user named → files → slices, the unit of parallel work
kinds     which kind a file is, by its first bytes
readers   READERS: kind → reader; `read` turns a slice into raw articles and rejected records
records   what a reader finds, the ids, and the closed list of reasons for a rejection
streams   decompression, bounded, with damage marked where it is
warc      WARC and WET records          http     the HTTP answer in a record
pages     HTML and text files, zip and tar of them
jsons     JSONL, and JSON in one piece  csvs     CSV and TSV          parquet   Parquet
fields    which column is which; dates
charset   bytes → text
"""
