//! Draws, weights and repeated rows are one; the order of rows changes nothing.
