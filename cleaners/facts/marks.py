"""What a term is: marks that add up."""

COMMON = 1  # a function word of the text's language
NAME = 2
NUMBER = 4
DATE = 8
QUOTED = 16
HANDLE = 32  # a handle or an address
HEAD = 64  # the first of its sentence
CAPITAL = 128

FACT = NAME | NUMBER | DATE | HANDLE
"""The terms that do not change when their sentence does."""
FIGURE = NUMBER | DATE
