"""The command line: arguments in, flow or library call, exit code out: 0 done, 1 the run failed, 2 a wrong call."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Annotated, Literal, NoReturn

import typer

from cleaners import __version__, lock, places
from cleaners.errors import InputError, RunError, is_for_memory
from cleaners.lifetime import collect_seldom, multiply_alone
from flows import environment, options, reasons, terminal
from flows.workers import prepare

app = typer.Typer(
    name="copydesk",
    help="Scraped news in, a dataset fit to train on out: residue stripped, copies removed, every cut on record.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

_INTERRUPTED = 130  # what typer leaves with after Ctrl-C
_WRONG_CALL = 2  # and after arguments that it does not take

Inputs = Annotated[list[str], typer.Argument(metavar="INPUT", help="Files, folders, globs or fsspec URLs (s3://…).")]
Config = Annotated[str | None, typer.Option("--config", metavar="FILE", help="Settings in TOML; see the README.")]
Runner = Annotated[Literal["processes", "dask", "ray"], typer.Option(help="What runs the shards.")]
Workers = Annotated[int | None, typer.Option(min=1, help="Shards at one time. Default: one a core.")]
Address = Annotated[str | None, typer.Option(metavar="URL", help="Address of a running cluster.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]
Language = Annotated[
    str | None, typer.Option("--lang", metavar="CODE", help="Language of the text (ISO 639-1), if known.")
]
Host = Annotated[str | None, typer.Option("--host", metavar="HOST", help="Host the text was scraped from, if known.")]


def main() -> NoReturn:
    """Run the command, and turn what went wrong into one clear line and an exit code."""
    places.fill_closed()
    collect_seldom()
    multiply_alone()
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        app()
    except InputError as error:
        terminal.fail(error, 2)
    except RunError as error:
        terminal.tell_failure(error, 1)
        if reasons.is_silence(error):
            os._exit(1)  # Prefect would try for minutes, or hours, to tell its server what happened
        sys.exit(1)
    except Exception as error:
        if is_for_memory(error):
            terminal.fail(reasons.run_error("", error, reasons.left(sys.argv[1:])), 1)
        if isinstance(error, OSError):
            terminal.fail(f"{error.filename or 'the system'}: {error.strerror or error}", 1)
        raise
    except SystemExit as leaving:
        if leaving.code == _INTERRUPTED:
            terminal.stop()
        if leaving.code == _WRONG_CALL and "--json" in sys.argv:  # typer has told it on stderr
            told = getattr(leaving.__context__, "format_message", lambda: "wrong call")()
            terminal.show(terminal.as_json({"error": {"message": told, "exit_code": _WRONG_CALL}}))
        raise
    sys.exit(0)


def _interrupt(_number: int, _frame: object) -> NoReturn:
    """End as Ctrl-C does."""
    sys.exit(_INTERRUPTED)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"copydesk {__version__}")
        raise typer.Exit


@app.callback()
def _copydesk(
    _: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")] = False,
) -> None:
    """Take the options of the command itself."""


@app.command(epilog="Example: copydesk clean crawl/*.warc.gz -o output/crawl")
def clean(
    inputs: Inputs,
    out: Annotated[str, typer.Option("-o", "--out", metavar="OUT", help="Folder or URL of the dataset.")],
    config: Config = None,
    runner: Runner = "processes",
    workers: Workers = None,
    dask_address: Address = None,
    ray_address: Address = None,
    relearn: Annotated[bool, typer.Option("--relearn", help="Learn the furniture of the hosts anew.")] = False,
    split: Annotated[
        str | None,
        typer.Option(metavar="NAME=SHARE,…", help="Splits without leaks: train=0.98,validation=0.01,test=0.01."),
    ] = None,
    split_by: Annotated[
        Literal["cluster", "published"] | None, typer.Option(help="By a hash of the words, or the newest last.")
    ] = None,
    decontaminate: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FILE", help="Evaluation set no article may hold an item of, or none; may be given again."
        ),
    ] = None,
    part_size: Annotated[int | None, typer.Option(metavar="MB", min=1, help="Largest file of a table.")] = None,
    accept: Annotated[bool, typer.Option("--accept", help="Go on although the guard stopped the last run.")] = False,
    prune: Annotated[bool, typer.Option("--prune", help="Drop articles whose input file no longer exists.")] = False,
    quality: Annotated[
        str | None,
        typer.Option(
            metavar="NAME,…", help="Reject what fails: none, copydesk, or, of English only, gopher, c4, fineweb."
        ),
    ] = None,
    language: Annotated[
        str | None, typer.Option(metavar="CODE,…", help="Reject what is in another language: en,de; or any.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be read, and write nothing.")] = False,
    as_json: Json = False,
) -> None:
    """Do the main job: inputs → dataset in OUT. Again with more inputs: only the new work is done."""
    address = options.address(runner, dask=dask_address, ray=ray_address)
    lock.check_free(out)
    reasons.check_memory()
    environment.be_brief()
    if runner == "processes" and not dry_run:
        prepare()
    from flows import launch  # noqa: PLC0415  (costs a second that the other commands need not pay)

    given = options.given(
        split__shares=options.shares(split),
        split__by=split_by,
        decontaminate__files=decontaminate or None,
        write__part_mb=part_size,
        quality__preset=quality,
        quality__languages=language,
    )
    if dry_run:
        terminal.show(launch.dry_run(inputs, out, config, given, prune=prune, as_json=as_json))
        return
    terminal.show(
        launch.clean(
            inputs,
            out,
            config,
            given,
            runner=runner,
            workers=workers,
            address=address,
            relearn=relearn,
            accept=accept,
            prune=prune,
            as_json=as_json,
        )
    )


@app.command(epilog='Example: copydesk schedule crawl -o output/crawl --cron "0 3 * * *"')
def schedule(
    inputs: Inputs,
    out: Annotated[str, typer.Option("-o", "--out", metavar="OUT", help="Folder or URL of the dataset.")],
    cron: Annotated[str, typer.Option(metavar="CRON", help="When: minute, hour, day, month, weekday.")],
    timezone: Annotated[str, typer.Option(metavar="ZONE", help="Time zone of the times.")] = "UTC",
    config: Config = None,
    runner: Runner = "processes",
    workers: Workers = None,
    dask_address: Address = None,
    ray_address: Address = None,
    prune: Annotated[bool, typer.Option("--prune", help="Drop articles whose input file no longer exists.")] = False,
    as_json: Json = False,
) -> None:
    """Do the main job at set times, until stopped. With PREFECT_API_URL: on a server of yours."""
    environment.choose_runner(runner, workers, options.address(runner, dask=dask_address, ray=ray_address))
    from flows import schedule as scheduling  # noqa: PLC0415

    scheduling.serve(inputs, out, cron, timezone, config, prune=prune, as_json=as_json)


@app.command(epilog="Example: copydesk strip --diff tests/data/brief.txt")
def strip(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A text file; - or nothing: standard input.")] = "-",
    lang: Language = None,
    host: Host = None,
    as_json: Json = False,
    diff: Annotated[bool, typer.Option("--diff", help="Show the text with the cuts in colour.")] = False,
    rules: Annotated[
        list[Path] | None, typer.Option(metavar="FILE", help="Rules of your own beside the built-in.")
    ] = None,
    mask: Annotated[str, typer.Option(metavar="KIND,…", help="Mask these: email,phone,ip.")] = "",
) -> None:
    """Print one text clean. With --json also the edits, with --diff the cuts in place."""
    from flows import show  # noqa: PLC0415

    form = "json" if as_json else "diff" if diff else "text"
    terminal.show(show.strip(_text_of(file), lang, host, rules or [], form=form, mask=mask))


@app.command(epilog="Example: copydesk match articles.jsonl -o pairs.parquet")
def match(
    inputs: Inputs,
    out: Annotated[str, typer.Option("-o", "--out", metavar="PAIRS.parquet", help="File for the pairs.")],
    config: Config = None,
    near: Annotated[
        float | None, typer.Option(min=0.01, max=1, help="Jaccard similarity that makes a near pair.")
    ] = None,
    overlap: Annotated[
        float | None, typer.Option(min=0.01, max=1, help="Share of the shorter text that makes an overlap.")
    ] = None,
    kinds: Annotated[
        str, typer.Option(metavar="KIND,…", help="Only these: near,overlap,reworded,translated. exact comes with any.")
    ] = "",
    as_json: Json = False,
) -> None:
    """Write the verified pairs of articles that are the same. Columns: a, b, kind, similarity, the evidence."""
    from flows import show  # noqa: PLC0415

    limits = {"threshold": near, "containment": overlap}
    given = {name: limit for name, limit in limits.items() if limit is not None}
    terminal.show(show.match(inputs, out, config, given, kinds, as_json=as_json))


@app.command("explain", epilog="Example: copydesk explain output/demo e04001fa2a0a92df216e")
def explain_(
    out: Annotated[str, typer.Argument(metavar="OUT", help="Folder or URL of the dataset.")],
    article: Annotated[str, typer.Argument(metavar="ID", help="Our id, or the id the input gave.")],
    as_json: Json = False,
) -> None:
    """Tell everything about one article. Where from, what was cut and why, whose copy and on what evidence."""
    from flows.explain import explain  # noqa: PLC0415

    terminal.show(explain(out, article, as_json=as_json))


@app.command(epilog="Example: copydesk report output/demo")
def report(
    out: Annotated[str, typer.Argument(metavar="OUT", help="Folder or URL of the dataset.")], as_json: Json = False
) -> None:
    """Write the HTML report and the dataset card of OUT anew."""
    from flows import show  # noqa: PLC0415

    terminal.show(show.report(out, as_json=as_json))


@app.command(epilog="Example: copydesk export output/demo --format webdataset --split train")
def export(
    out: Annotated[str, typer.Argument(metavar="OUT", help="Folder or URL of the dataset.")],
    form: Annotated[
        Literal["jsonl.zst", "txt", "webdataset", "parquet"], typer.Option("--format", help="What to write.")
    ],
    folder: Annotated[
        str | None, typer.Option("-o", "--out", metavar="FOLDER", help="New folder; OUT/export/FORMAT by default.")
    ] = None,
    split: Annotated[str | None, typer.Option(metavar="NAME", help="Only this split. Default: each one.")] = None,
    part_size: Annotated[
        int, typer.Option(metavar="MB", min=1, help="Megabytes at which a file ends; of Parquet, with its row group.")
    ] = 256,
    as_json: Json = False,
) -> None:
    """Write the articles in other formats. JSON Lines, text, tar files of pairs, or Parquet; files of one size."""
    lock.check_free(out)
    from flows import show  # noqa: PLC0415

    terminal.show(show.export(out, form, folder, split, part_size, as_json=as_json))


@app.command(epilog="Example: copydesk forget output/demo --id e04001fa2a0a92df216e")
def forget(
    out: Annotated[str, typer.Argument(metavar="OUT", help="Folder or URL of the dataset.")],
    ids: Annotated[list[str] | None, typer.Option("--id", metavar="ID", help="Our id, or the input's.")] = None,
    urls: Annotated[list[str] | None, typer.Option("--url", metavar="URL", help="Address of a page.")] = None,
    hosts: Annotated[
        list[str] | None, typer.Option("--host", metavar="HOST", help="A host, with all below it.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Take articles out of OUT for good. A copy of one that was kept may take its place."""
    lock.check_free(out)
    environment.be_brief()
    from flows import launch  # noqa: PLC0415

    by = {"id": ids, "url": urls, "host": hosts}
    asked = [{kind: name} for kind, names in by.items() for name in names or ()]
    terminal.show(launch.forget(out, asked, as_json=as_json))


@app.command(epilog="Example: copydesk verify output/demo")
def verify(
    out: Annotated[str, typer.Argument(metavar="OUT", help="Folder or URL of the dataset.")], as_json: Json = False
) -> None:
    """Read every file of OUT again and compare. With the manifest, and with what always holds."""
    lock.check_free(out)
    from flows import show  # noqa: PLC0415

    told = show.verify(out)
    if as_json:
        terminal.show(terminal.as_json(told))
        raise typer.Exit(1 if told["wrong"] else 0)
    if told["wrong"]:
        advice = "remove the files named and run clean again, it makes them anew"
        raise RunError(out, "\n".join([f"not as it was written ({advice}):", *(f"  {each}" for each in told["wrong"])]))
    terminal.show(f"{out}: every file is as it was written (files: {told['files']:,}, rows: {told['rows']:,})\n")


rules_app = typer.Typer(
    help="Look into the rulebook. List it, show a rule, try it on a text, check a rule file.", rich_markup_mode=None
)
app.add_typer(rules_app, name="rules", invoke_without_command=True)


@rules_app.callback(epilog="Example: copydesk rules list --category share_widget")
def _rules(
    context: typer.Context,
    learned: Annotated[str | None, typer.Option(metavar="OUT", help="List the furniture learned in a dataset.")] = None,
    as_json: Json = False,
) -> None:
    """List the rulebook when nothing else is asked."""
    context.default_map = {name: {"as_json": as_json} for name in ("list", "show", "try", "check")}
    from flows import show  # noqa: PLC0415

    if learned is not None:
        terminal.show(show.learned(learned, as_json=as_json, piped=not sys.stdout.isatty()))
    elif context.invoked_subcommand is None:
        terminal.show(show.rules(None, None, as_json=as_json))


@rules_app.command("list", epilog="Example: copydesk rules list --lang de")
def rules_list(
    category: Annotated[str | None, typer.Option(metavar="NAME", help="Only rules of this category.")] = None,
    lang: Annotated[str | None, typer.Option(metavar="CODE", help="Only rules for this language.")] = None,
    as_json: Json = False,
) -> None:
    """List the rules, one a line."""
    from flows import show  # noqa: PLC0415

    terminal.show(show.rules(category, lang, as_json=as_json))


@rules_app.command("show", epilog="Example: copydesk rules show newsletter-invitation")
def rules_show(
    rule: Annotated[str, typer.Argument(metavar="ID", help="Id of the rule.")], as_json: Json = False
) -> None:
    """Show one rule whole. What it removes, why, where it came from, its hits and misses."""
    from flows import show  # noqa: PLC0415

    terminal.show(show.rule(rule, as_json=as_json))


@rules_app.command("try", epilog="Example: copydesk rules try article.txt")
def rules_try(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A text file; - or nothing: standard input.")] = "-",
    host: Host = None,
    as_json: Json = False,
) -> None:
    """Show what speaks for striking each line of a text. And what was decided."""
    from flows import show  # noqa: PLC0415

    terminal.show(show.evidence(_text_of(file), host, as_json=as_json))


@rules_app.command("check", epilog="Example: copydesk rules check my-rules.toml")
def rules_check(
    files: Annotated[list[Path], typer.Argument(metavar="FILE", help="Rule files of your own.")],
    as_json: Json = False,
) -> None:
    """Check rule files. Their form, hits, misses, and that no pattern can run long."""
    from flows import show  # noqa: PLC0415

    terminal.show(show.check(files, as_json=as_json))


def _text_of(file: str) -> str:
    """Return the text of a file or of standard input. Bytes that are no UTF-8 become U+FFFD."""
    try:
        content = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise InputError(
            file, f"cannot be read: {error.strerror}", "Name a text file, or - for standard input."
        ) from None
    return content.decode("utf-8", "replace")
