"""Every stage once more, from file to file: the unit of parallel work.

    dataset.py   where everything lies in OUT, who may write there, and what each part was made from
    plan.py      inputs → shards
    articles.py  shard → extracted part → cleaned part           (read, extract, strip)
    copies.py    cleaned parts → fingerprints → verdict parts    (fingerprint, match, cluster)
    publish.py   cleaned part + verdicts → the four tables       (write)
    finish.py    manifest, card, report

One rule makes resume, incremental runs and scale-out work: every file is a pure function of named inputs, its `key` is
a hash of all of them, it appears under its name only when complete, and a run makes what is missing.
"""
