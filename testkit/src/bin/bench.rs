//! Measures the shop against what its parts cost alone. `docs/performance.md` tells what came out.

use std::process::ExitCode;

fn main() -> ExitCode {
    testkit::bench::main()
}
