"""Rewording: tells a copy in other words from an independent report, on the two texts themselves.

Reading order: `prepare` (texts → sorted columns that pairs can be compared on), `measures` (a pair → figures between 0 and 1),
`verify` (figures → kind, similarity and evidence, by the coefficients in `coefficients.toml`).
"""
