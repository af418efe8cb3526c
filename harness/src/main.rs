//! `harness`: the functions on one machine.

fn main() {}
