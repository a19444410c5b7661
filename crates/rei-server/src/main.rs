//! The `rei` binary.
fn main() {}
