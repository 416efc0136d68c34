"""Residue out, content kept, every cut on record.

Read in this order:

`scan`     rulebook → what the rules say about each line of a text
`decide`   rules, marks, position, neighbours, shape, furniture → which lines go, and why
`cut`      what goes → edits of the text; repairs of mojibake and white space
`engine`   all of it until nothing more goes: `strip`, `strip_text`, `explain`
`salvage`  struck lines → title, date, outlet, author, canonical link
"""
