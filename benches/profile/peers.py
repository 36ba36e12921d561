"""One peer's profile of one file, in its best form: `peers.py duckdb|polars|whylogs|ydata FILE`.

Two threads, or one where a peer has no more. Prints how many rows the peer saw.
"""

import os
import sys

# Read by Polars when it is imported.
os.environ.setdefault("POLARS_MAX_THREADS", "2")
# Rows that are handed to whylogs at once, and rows of ydata-profiling's sample.
BATCH = SAMPLE = 100_000


def duckdb_summarize(path):
    """Counts, extremes, mean, deviation, quartiles, distinct values (all three estimated)."""
    import duckdb

    connection = duckdb.connect(config={"threads": 2})
    return connection.execute(f"SUMMARIZE SELECT * FROM '{path}'").fetchall()[0][-2]


def polars_statistics(path):
    """The same statistics as tollgate's as far as Polars has them, in one lazy query; all exact."""
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
    # measured faster and smaller than the in-memory engine
    return frame.select(wanted).collect(engine=os.environ.get("POLARS_ENGINE", "streaming")).item(0, 0)


def batches(path):
    """pandas frames of at most `BATCH` rows."""
    if path.endswith(".parquet"):
        import pyarrow.parquet as pq

        for batch in pq.ParquetFile(path).iter_batches(BATCH):
            yield batch.to_pandas()
    else:
        import pandas as pd

        yield from pd.read_csv(path, chunksize=BATCH)


def whylogs_profile(path):
    """Counts, types, extremes, moments, sketches of quantiles, distinct and frequent values; one thread."""
    import whylogs as why
    from whylogs.core import DatasetProfile

    profile, rows = DatasetProfile(), 0
    for frame in batches(path):
        profile.track(pandas=frame)
        rows += len(frame)
    assert len(profile.view().to_pandas()) > 0, why.__version__
    return rows


def ydata_minimal(path):
    """ydata-profiling with `minimal=True`, on the first `SAMPLE` rows only: of the whole file it takes too long."""
    from ydata_profiling import ProfileReport

    frame = next(batches(path)).head(SAMPLE)
    report = ProfileReport(frame, minimal=True, progress_bar=False)
    return report.get_description().table["n"]


PEERS = {"duckdb": duckdb_summarize, "polars": polars_statistics, "whylogs": whylogs_profile, "ydata": ydata_minimal}

if __name__ == "__main__":
    print(PEERS[sys.argv[1]](sys.argv[2]))
