"""Contamination: finds the articles that hold an item of an evaluation set, word for word or told in other words.

In reading order:

items   files of evaluation sets → their items
index   items → hashes of their word n-grams, and what they are compared by as rewordings
look    texts → which of them hold which item
trial   items planted among the texts: whether what must be found is found
"""
