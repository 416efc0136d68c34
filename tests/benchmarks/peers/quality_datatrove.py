"""datatrove's quality filters over lines of JSON, English: for each text, each filter's reason, null if it passes."""

from __future__ import annotations

import json
import pathlib
import sys

from datatrove.data import Document
from datatrove.pipeline.filters import (
    C4QualityFilter,
    FineWebQualityFilter,
    GopherQualityFilter,
    GopherRepetitionFilter,
)

FILTERS = {
    "gopher repetition": GopherRepetitionFilter(),
    "gopher quality": GopherQualityFilter(),
    # The numbers of the paper; datatrove's own defaults are those of its first version, five sentences and three words.
    "c4": C4QualityFilter(min_num_sentences=3, min_words_per_line=5),
    "fineweb": FineWebQualityFilter(),
}


def main() -> None:
    source, out = map(pathlib.Path, sys.argv[1:3])
    with source.open(encoding="utf-8") as lines, out.open("w", encoding="utf-8") as verdicts:
        for line in lines:
            text = json.loads(line)["text"]
            found = {}
            for name, quality in FILTERS.items():
                said = quality.filter(Document(text=text, id="0"))  # C4's filter changes the text of its document
                found[name] = None if said is True else said[1]
            verdicts.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
