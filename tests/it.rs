//! The one integration-test binary.
mod foundation;
