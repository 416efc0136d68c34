"""Residue out, content kept, every cut on record.

Read in this order:

`scan`     rulebook → what the rules say about each line of a text
`shape`    what a line looks like: prose, a title, a label
`decide`   rules, mark-up, place, neighbours, shape, furniture → which lines go, and why
`cut`      what goes → edits of the text
`mask`     addresses and phone numbers → placeholders, where that is asked for
`repair`   mojibake, stray characters and white space → edits of the text
`engine`   all of it until nothing more goes: `strip`, `strip_text`, `explain`
`salvage`  struck lines → title, date, outlet, author, canonical link
"""
