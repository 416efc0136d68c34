"""The exceptions a caller may meet, each with what happened, where, and what to do about it.

They cross process borders, so their arguments are plain strings and every one of them survives pickling.
"""


class CopydeskError(Exception):
    """Anything this package raises on purpose."""


class InputError(CopydeskError):
    """The call was wrong: a path, a file, a setting. Nothing was touched (exit code 2).

    >>> print(InputError("crawl.csv", 'has no column with text: "a", "b"', "Name it: --field text=COLUMN."))
    crawl.csv: has no column with text: "a", "b". Name it: --field text=COLUMN.
    """

    def __init__(self, where: str, what: str, advice: str = "") -> None:
        super().__init__(where, what, advice)
        self.where, self.what, self.advice = where, what, advice

    def __str__(self) -> str:
        sentence = f"{self.where}: {self.what}" if self.where else self.what
        sentence = sentence if sentence.endswith((".", "?", "!")) else f"{sentence}."
        return f"{sentence} {self.advice}".strip()


NO_DATASET = ("is no finished dataset: it has no manifest.json", "Make one: copydesk clean INPUT... -o OUT.")
"""What is wrong with an OUT that no run has finished, and what to do about it."""


class RecordError(CopydeskError):
    """One record cannot become an article; `reason` is a word of a closed list, `detail` says more.

    Stages raise it for the record at hand; whoever walks the records turns it into a `Rejected` row and goes on.

    >>> print(RecordError("timeout", "extraction took more than 30 s"))
    timeout: extraction took more than 30 s
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason, detail)
        self.reason, self.detail = reason, detail

    def __str__(self) -> str:
        return f"{self.reason}: {self.detail}" if self.detail else self.reason


class RunError(CopydeskError):
    """The run failed; what was finished is kept, and the same command goes on from there (exit code 1).

    >>> print(RunError("output/demo", "no space left on device", "Free some, then run the same command again."))
    output/demo: no space left on device. Free some, then run the same command again.
    """

    def __init__(self, where: str, what: str, advice: str = "") -> None:
        super().__init__(where, what, advice)
        self.where, self.what, self.advice = where, what, advice

    __str__ = InputError.__str__
