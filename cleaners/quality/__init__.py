"""How good a text is to train on: figures for every article, and named filters over them.

In reading order:

characters   what each character is to the figures
tokens       text → words, punctuation marks and line breaks, with counts of characters
lines        tokens → figures about lines and sentences
repetition   tokens → how much of a text repeats, as Gopher measures it
signals      column of texts → the figures of all of them, one column each
page_kind    figures and what the page says it is → article, list, live blog, gallery or stub
presets      named filters as data (presets.toml) → which articles fail, and on which figure
"""
