"""Column of clean texts → content hashes and MinHash signatures.

In reading order:

minhash     any sets of hashes → signatures, bit for bit those of datasketch; the scheme stored beside them
columns     fingerprint: the column of texts → `Fingerprints`
"""
