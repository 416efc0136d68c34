"""Residue out, content kept, every cut on record.

In reading order:

scan      rulebook → what the rules say about each line of a text
tongue    whether a rule of one language may speak about a line
shape     what a line looks like: prose, a title, a label
wording   how much a line is worded like residue (wording.json)
listing   lists of other stories that nothing announces
decide    all evidence together → which lines go, and why
cut       what goes → edits of the text
doubled   a headline that stands twice in one line: the second goes
mask      addresses and phone numbers → placeholders, where that is asked for
repair    mojibake, stray characters and white space → edits of the text
engine    all of it until nothing more goes: `strip`, `strip_text`, `explain`
salvage   struck lines → title, date, outlet, author, canonical link
burden    what stripping a text costs in memory at most
trial     rules tried on their own hits and misses, and on text made to keep them busy
"""
