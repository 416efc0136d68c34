"""Who runs what, when, and how often again: Prefect around the files in, files out of `cleaners.shards`.

From what the user types down to what runs:

    command       the command from its first moment on
    cli           the command line: arguments in, flow or library call, exit code out
    launch        `clean` and `forget`: check what can be checked first, run, tell what came of it
    schedule      `schedule`: the main flow at set times
    show          what the small commands print
    explain       `explain`: everything about one record
    corpus        the flows
    tasks         one task for each function of `cleaners.shards`
    pool          Prefect's runner for a pool of processes
    nursery       what a worker needs, loaded once
    workers       the processes of the pool: none outlives the run
    summary       what a run tells at its end
    progress      how far it is
    terminal      in colour, plain, or as JSON
    server        the embedded Prefect server
    options       options → settings
    held          settings that hold on from run to run
    reasons       why a run failed, in words that help
    environment   Prefect's own settings, made before it is imported
"""
