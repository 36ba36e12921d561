//! Requests over HTTP: one client, patience where it is safe, bounded answers, no secrets in messages.

mod answer;
mod client;
mod exchange;

pub use answer::{Answer, without};
pub use client::{Redirects, Tls, Trust, client, reason};
pub use exchange::{Again, Failure, Limits, exchange, fetch, is_busy, pause};
