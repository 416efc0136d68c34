"""What there is to tell about a finished dataset: the card and the report say it, each in its own form.

    tally.py     sums over columns that come part by part, and the order in which samples are chosen
    figures.py   the manifest and one pass over the light columns → counts by language, host, month, length, likeness
    rules.py     one pass over the edits → what each rule did, with examples, and which articles to show
    copies.py    one pass over the duplicates → the largest clusters, and which pairs to show
    extras.py    a sample of the articles → how the columns that nothing else tells about are spread
    refusals.py  one pass over the rejected records
    furniture.py the furniture that was learned
    gallery.py   the articles and pairs to show → their texts, cut to size, with the cuts or the sentences side by side
    aligned.py   two texts → their sentences side by side, and the words they share
    alerts.py    figures → what somebody should look at
    charts.py    numbers → shapes
    pictures.py  figures → pictures, and what each of them says in words
    plain.py     figures as people write them

Samples are chosen by a hash of the id, so the same dataset always shows the same ones. Nothing here needs more memory
than one row group of texts, whatever the size of the dataset.
"""
