"""What there is to tell about a finished dataset: the card and the report say it, each in its own form.

    tally      sums over columns that come part by part, and the order in which samples are chosen
    figures    the manifest and one pass over the light columns → counts by language, host, month, length, likeness
    rules      one pass over the edits → what each rule did, with examples, and which articles to show
    copies     one pass over the duplicates → the largest clusters, and which pairs to show
    extras     a sample of the articles → how the columns that nothing else tells about are spread
    refusals   one pass over the rejected records
    furniture  the furniture that was learned
    gallery    the articles and pairs to show → their texts, cut to size, with the cuts or the sentences side by side
    aligned    two texts → their sentences side by side, and the words they share
    alerts     figures → what somebody should look at
    charts     numbers → shapes
    pictures   figures → pictures, and what each of them says in words
    plain      figures as people write them

Samples are chosen by a hash of the id, so the same dataset always shows the same ones. Nothing here needs more memory
than one row group of texts, whatever the size of the dataset.
"""
