"""Facts: what survives when a report is told again in other words.

In reading order:

marks        what a term can be
columns      the columns that texts are read into
alphabet     what each character is and folds to
lexicon      months, number words, scales, common words, as data
characters   bytes → words, digits, addresses
plain        words in plain ASCII letters, 64 bytes at a time: most of what there is to read
figures      numbers and dates by what they say
settle       figures joined, the language told, names marked
walk         a text → its terms, each by itself
scan         texts → columns of terms: all above in one pass
sorting      short runs of hashes in order
rarity       which terms are rare, by frequencies.txt
originality  which of two texts was there first, by its own signs
sets         texts → weighted sets of facts, for MinHash
reading      the facts of a text, as people read them
"""
