//! The one integration-test binary.
mod flights;
mod foundation;
