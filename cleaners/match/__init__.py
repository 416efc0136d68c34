"""Signatures → candidate pairs → verified pairs.

In reading order:

exact        content hashes → of which article each one is a word for word copy
bands        threshold and wanted recall → how a signature is cut into bands
candidates   signatures → who met whom in which bucket, as columns, sorted in bounded memory
stories      candidates → which articles are near copies of one another by their signatures, for the order of preference
verify       pairs → how similar the two texts are, counted on both
pairs        all of it in one call, for callers who want pairs rather than a dataset

Rows are numbers from 0 through the whole corpus (int64); columns are numpy arrays with one entry for each row.

    prints = fingerprint(texts, settings.fingerprint)             # content (n, 2), sizes, signatures, valid
    table = match(texts.take, len(texts), [prints], settings.match, shingles=settings.fingerprint)   # all pairs

A dataset wants less, each article against what is kept, and `cleaners.cluster` says which pairs that takes:

    first = first_of_content(content, rank)                       # rank (n,) int64: 0 is the best article
    bands = bands_for(match.threshold, match.recall, permutations)
    met = candidates(signature_parts, valid & (first == np.arange(n)), bands, memory_mb=…, folder=work)
    near = Comparison("near", met, match.threshold, least_agreement(match.threshold, permutations, match.deviations),
                      likely_agreement=round(match.threshold * permutations))
    while True:                                                   # `cluster` is this loop, with verify as a function
        walk = sweep(rank, first, [near], verified, settings.cluster)
        if not any(len(left) for left, right in walk.asked): break
        …verify(left, right, texts, sizes, shingle_words=…).jaccard, and add it to `verified`
    walk.verdicts.canonical, .kind, .similarity                   # (n,) each; canonical -1: kept

Reworded copies are a second `Comparison` after the first, with candidates from their own signatures and a verifier of
their own. `verified` of the run, kept in the dataset by article id and renumbered, is all that the next run needs to
verify nothing twice.
"""
