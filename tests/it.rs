//! The one integration-test binary.
mod flights;
mod formats;
mod foundation;
mod gate;
mod kernels;
