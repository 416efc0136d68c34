"""Rewording: tells a copy in other words from an independent report, on the two texts themselves.

In reading order:

glance             what two texts share by their terms alone, before they are read
machine            a text → how much it reads like a language model's
machine.toml       what words weigh in that, trained once
prepare            texts → sorted columns that pairs can be compared on
walks              how far a sequence is in order
columns            the names of the figures
alignment          which sentences of two texts tell the same
measures           a pair → figures between 0 and 1
coefficients.toml  what the figures weigh, and trees that ask about them, trained once
figures.md         what that reaches on the labelled sets
score              figures → how much they speak for a copy
verify             scores → kind, similarity
evidence           the facts two texts share, for people
"""
