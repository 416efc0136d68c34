"""Who runs what, when, and how often again: Prefect around the files in, files out of `cleaners.shards`."""
