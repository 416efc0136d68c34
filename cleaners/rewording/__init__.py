"""Rewording: tells a copy in other words from an independent report, on the two texts themselves.

In reading order:

prepare            texts → sorted columns that pairs can be compared on
walks              how far a sequence is in order
measures           a pair → figures between 0 and 1
coefficients.toml  what the figures weigh, trained once
verify             figures → kind, similarity, evidence
"""
