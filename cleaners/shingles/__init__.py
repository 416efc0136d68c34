"""Texts as sets of shingles, column by column.

words       column of texts → their words, lower case, one space between (and where the alphabet is decided)
sets        column of words → the distinct shingles of each text as 64-bit hashes, and the same hash in plain Python
"""
