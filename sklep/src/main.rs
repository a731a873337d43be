//! Sklep: an event-sourced shop with read models, and its command line.

mod cli;
mod customers;
mod deliver;
mod demo;
mod doctor;
mod edge;
mod events;
mod exit;
mod harmless;
mod import_clientflow;
mod logging;
mod operate;
mod out;
mod output_file;
mod products;
mod progress;
mod projector_command;
mod purchases;
mod quarantine;
mod rebuild;
mod rollback;
mod say;
mod serve;
mod shop;
mod size;
mod stages;
mod status;
mod stores;
mod transfer;
mod verify;
mod views;
mod wait;

use std::process::ExitCode;

/// Requests are parsed and answered in many small pieces: measured, glibc's allocator takes a fifth of the time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let command = cli::parse();
    let done = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(anyhow::Error::from)
        .and_then(|runtime| runtime.block_on(cli::run(command)));
    exit::code(done)
}
