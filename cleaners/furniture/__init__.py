"""Furniture: lines that recur over the pages of one host without being content.

In reading order:

keys       a line → a key that survives another date, another count, another case
scanning   the compiled loop that makes keys
counting   the texts of a shard → how often each line stands where, in how many different articles
learning   the counts of many shards → the lines that are furniture, in bounded memory
table      what strip asks about a line: `Furniture`, `Evidence`
"""
