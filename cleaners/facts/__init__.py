"""Facts: what survives when a report is told again in other words.

Reading order: `alphabet` (what each character is), `lexicon` (months, number words, common words, as data),
`scan` (texts → columns of terms), `rarity` (which terms are rare), `sets` (texts → weighted sets of facts for MinHash),
`reading` (the facts of one text, to be read by people).
"""
