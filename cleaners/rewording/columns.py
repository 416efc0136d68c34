"""The figures that a pair of texts is judged by: their names, and their places in a row."""

MEASURES = (
    "jaccard",  # weight of the shared terms / of all terms
    "of_a", "of_b",  # weight of the shared terms / of the text's
    "facts_of_a", "facts_of_b",  # the same for names, numbers, dates, handles
    "numbers_of_a", "numbers_of_b",  # the same for numbers and dates
    "rare_of_a", "rare_of_b",  # shared / all rare terms, by count
    "neighbours", "neighbours_of_a", "neighbours_of_b",  # terms that stand together: Jaccard, and of each text
    "aligned_a", "aligned_b",  # weight of the sentences that have a partner in the other text
    "bare_a", "bare_b",  # weight of the sentences of which the other text knows next to nothing
    "order",  # of the terms that stand once in both, the longest run in the same order
    "sentence_order",  # the same for aligned sentences
    "changed_numbers", "changed_names",  # in sentences that are each other's partner, facts that only one text has
    "kept_numbers",  # and numbers that both have
    "verbatim_of_a", "verbatim_of_b",  # runs of three terms
    "balance",  # what the smaller text tells / what the larger tells
    "length",  # logarithm of what the smaller text tells
    "shared",  # logarithm of what the two share
    "both_wide",  # the lesser of aligned_a and aligned_b
    "mutual",  # weight of the sentences that are each other's partner
    "chain", "chain_of_a", "chain_of_b",  # facts that follow one another: Jaccard, and of each text
    "places",  # how near the shared terms stand to the same relative place
    "copied_of_a", "copied_of_b",  # sentences that stand in the other text word for word
    "agreeing",  # pairs of shared terms that are mentioned first in the same order
    "cover_a", "cover_b",  # how much of each sentence its best partner knows, on average
    "path_of_a", "path_of_b",  # what an alignment without crossings covers
    "straight",  # the same as a share of what one with crossings would cover
    "lead_a", "lead_b",  # of the beginning: weight of the terms that the other text has anywhere
    "lead_in_lead_a", "lead_in_lead_b",  # of the beginning: weight of the terms that the other text begins with too
    "lead_cover_a", "lead_cover_b",  # how much of each of the first sentences its best partner knows
    "fresh_a", "fresh_b",  # the same for all sentences that are not in the other text nearly word for word
    "lead_dates", "lead_numbers",  # that both begin with, each its own: another release of a series
    "tail_a", "tail_b",  # of the end: weight of the terms that the other text has anywhere
    "uneven_a", "uneven_b",  # how much `cover` varies: an old story with new paragraphs is known in part only
    "apart",  # in sentences that are each other's partner, numbers that only one of them knows / all numbers
    "plain_of_a", "plain_of_b",  # weight of the shared terms that are no facts / of all such
    "own_facts_a", "own_facts_b",  # how many facts only this text has: a report of one's own nearly always has some
    "own_numbers_a", "own_numbers_b", "own_names_a", "own_names_b",  # the same for numbers and dates, for the others
    "own_words_a", "own_words_b",  # the same for terms that are no facts
    "common_facts", "common_numbers",  # how many both have
    "uneven_verbatim_a", "uneven_verbatim_b",  # how much the share of such runs varies from sentence to sentence
    "lead_verbatim_a", "lead_verbatim_b",  # of the first sentences: runs of three terms that the other text has
    "lead_plain_a", "lead_plain_b",  # the same for the weight of terms that are no facts: what the report says anew
    "lead_facts_a", "lead_facts_b",  # the same for facts, by count: whom and what the report is about
    "own_lead_facts_a", "own_lead_facts_b",  # how many facts of the first sentences only this text has
    "rare_plain_of_a", "rare_plain_of_b",  # shared / all rare terms that are no facts, by count
    "common_rare_plain",  # how many both have
    "machine", "machine_apart",  # how much the one reads like a language model's that does so more; and how much more
)  # fmt: skip
"""Names of the columns of `measures`, in order: each is a figure between 0 and 1."""

VERSION = 2
"""Raised when any pair gets other figures: what was decided by them is decided anew."""

(
    JACCARD, OF, _, FACTS_OF, _, NUMBERS_OF, _, RARE_OF, _, NEIGHBOURS, NEIGHBOURS_OF, _, ALIGNED, _, BARE, _,
    ORDER, SENTENCE_ORDER, CHANGED_NUMBERS, CHANGED_NAMES, KEPT_NUMBERS, VERBATIM_OF, _, BALANCE, LENGTH,
    SHARED, BOTH_WIDE, MUTUAL, CHAIN, CHAIN_OF, _, PLACES, COPIED_OF, _, AGREEING, COVER, _, PATH_OF, _,
    STRAIGHT, LEAD, _,
    LEAD_IN_LEAD, _, LEAD_COVER, _, FRESH, _, LEAD_DATES, LEAD_NUMBERS, TAIL, _, UNEVEN, _, APART,
    PLAIN_OF, _, OWN_FACTS, _, OWN_NUMBERS, _, OWN_NAMES, _, OWN_WORDS, _, COMMON_FACTS, COMMON_NUMBERS,
    UNEVEN_VERBATIM, _, LEAD_VERBATIM, _, LEAD_PLAIN, _, LEAD_FACTS, _, OWN_LEAD_FACTS, _, RARE_PLAIN_OF, _,
    COMMON_RARE_PLAIN, MACHINE, MACHINE_APART,
) = range(len(MEASURES))  # fmt: skip
