//! Measures the shop against what its parts cost alone. `docs/performance.md` tells what came out.

use std::process::ExitCode;

/// The same as the shop's, or the no-op mutation would be slowed by what the shop is not.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    testkit::bench::main()
}
