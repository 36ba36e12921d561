"""One peer's profile of one file: `peers.py duckdb|polars FILE`. Same statistics as far as the peer has them."""

import sys


def duckdb_summarize(path):
    import duckdb

    connection = duckdb.connect()
    connection.execute("SET threads = 2")
    return len(connection.execute(f"SUMMARIZE SELECT * FROM '{path}'").fetchall())


def polars_statistics(path):
    import polars as pl

    frame = pl.scan_parquet(path) if path.endswith(".parquet") else pl.scan_csv(path, try_parse_dates=True)
    wanted = [pl.len()]
    for name, dtype in frame.collect_schema().items():
        column = pl.col(name)
        found = [column.null_count(), column.min(), column.max(), column.n_unique()]
        if dtype.is_numeric():
            found += [column.sum(), column.mean(), column.std()]
            found += [column.quantile(q) for q in (0.05, 0.25, 0.5, 0.75, 0.95)]
        if dtype == pl.String:
            found += [column.str.len_chars().min(), column.str.len_chars().max()]
        wanted += [each.alias(f"{name}.{i}") for i, each in enumerate(found)]
    return frame.select(wanted).collect(engine="streaming").shape[1]


peer = {"duckdb": duckdb_summarize, "polars": polars_statistics}[sys.argv[1]]
print(peer(sys.argv[2]))
