//! One number over the runs of a dataset.
