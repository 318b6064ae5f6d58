//! The pipeline under test.
fn main() {}
