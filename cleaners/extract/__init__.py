"""The extract stage: HTML → text with trafilatura, and what the page's mark-up says about each line of it.

Reading order:

- `page`: one article in, one article out; text that came as text passes untouched
- `parse`: HTML → tree, safe from what makes libxml2 and trafilatura drop text without a word
- `body`: tree → text, exactly trafilatura's, without the steps that cannot change it
- `metadata`, `dates`: title, author, date, outlet from JSON-LD and meta tags first
- `marks`, `words`: line of text → where it stood on the page; the words of classes and ids as a table
- `isolated`, `child`: the same for many articles, in a process that may die without harm
"""
