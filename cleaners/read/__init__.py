"""Inputs → raw articles.

In reading order:

inputs    what the user named → files → slices, the unit of reading
kinds     which kind a file is, by its first bytes
cutting   where files may be cut
readers   READERS, kind → reader; `read` turns a slice into raw articles and rejected records
records   what a reader finds, the ids, and the closed list of reasons for a rejection
unpack    decompression, bounded, with damage marked where it is
streams   the pieces as bytes, lines, whole files
warc      WARC and WET records
http      the HTTP answer in one
pages     HTML and text files, zip and tar of them
jsons     JSON in lines and in one piece
csvs      CSV and TSV
parquet   Parquet
fields    which column is which; dates
markup    is it a page?
charset   bytes → text
"""
