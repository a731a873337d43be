//! `sklep export` and `sklep import`: a log as one file.

use std::{
    fs::{self, File},
    io::{self, BufReader, BufWriter, IsTerminal as _, Seek as _, Write as _},
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use clap::Args;
use event_log::{
    EventLog, identity,
    transfer::{self, Added, Moved, Progress as Moving},
};

use crate::{
    exit_code::{Outcome, Usage},
    output_file,
    progress::Progress,
    stages::Grouped,
    stderr,
    stores::LogArgs,
};

/// Writes the whole log to a file, of a stopped embedded shop or of Kafka
#[derive(Debug, Args)]
pub(crate) struct ExportArgs {
    /// The file, which must not exist yet; - for standard output
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    log: LogArgs,
}

/// Fills an empty log, embedded or on Kafka, from a file that `export` wrote
///
/// Until it has come to its end and compared every record with the file, the log is marked as unfinished, and nothing else
/// works on it. An import that was interrupted is gone on with by the same command.
#[derive(Debug, Args)]
pub(crate) struct ImportArgs {
    /// The file
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    log: LogArgs,
}

/// Exports the log.
pub(crate) async fn export(args: ExportArgs) -> anyhow::Result<Outcome> {
    let path = &args.file;
    if path.as_os_str() == "-" {
        return export_to_pipe(&args.log).await;
    }
    // The file gets its name when it is whole.
    let unfinished = unfinished(path)?;
    let log = args.log.open_to_copy().await?;
    let mut out = BufWriter::new(output_file::create_new(&unfinished)?);
    let mut progress = None;
    transfer::added(log.as_ref()).await?.iter().for_each(tell_left_out);
    let moved = transfer::export(log.as_ref(), &mut out, |at| show(&mut progress, at));
    let moved = match moved.await {
        Ok(moved) => moved,
        Err(error) => {
            // Half a file is of no use to anybody.
            let _ = fs::remove_file(&unfinished);
            return Err(error.into());
        }
    };
    out.flush()?;
    out.get_ref().sync_all()?;
    give_name(&unfinished, path).with_context(|| path.display().to_string())?;
    let currency = currency(log.as_ref()).await;
    finish(progress, moved, &format!("{currency}written to {}", path.display()));
    Ok(Outcome::Done)
}

/// Exports to standard output. Whoever reads a part of it sees that it has no end.
async fn export_to_pipe(log: &LogArgs) -> anyhow::Result<Outcome> {
    if io::stdout().is_terminal() {
        let text =
            "an export is nothing for a terminal; name a file, or send standard output to one";
        return Err(Usage(text.into()).into());
    }
    let log = log.open_to_copy().await?;
    let mut progress = None;
    transfer::added(log.as_ref()).await?.iter().for_each(tell_left_out);
    let mut out = BufWriter::new(io::stdout());
    let moved = transfer::export(log.as_ref(), &mut out, |at| show(&mut progress, at)).await?;
    out.flush()?;
    finish(progress, moved, "written to standard output");
    Ok(Outcome::Done)
}

/// Imports into an empty log, or goes on with an import.
pub(crate) async fn import(args: ImportArgs) -> anyhow::Result<Outcome> {
    let path = &args.file;
    if path.as_os_str() == "-" {
        let text = "an import reads its file twice, so it cannot be standard input; name a file (./- for one of that name)";
        return Err(Usage(text.into()).into());
    }
    let file = File::open(path).with_context(|| path.display().to_string())?;
    let mut file = BufReader::new(file);
    let checked = transfer::check(&mut file).with_context(|| path.display().to_string())?;
    let log = args.log.open_unfinished(checked.partitions()).await?;
    let mut progress = None;
    file.rewind()?;
    let told = |at| show(&mut progress, at);
    let moved = transfer::import_checked(file, checked, log.as_ref(), told);
    let moved = moved.await.with_context(|| path.display().to_string())?;
    let currency = currency(log.as_ref()).await;
    finish(progress, moved, &format!("{currency}stored in {}", args.log.name()));
    Ok(Outcome::Done)
}

/// In which currency the log is, where it has been begun.
async fn currency(log: &dyn EventLog) -> String {
    let identity = identity::recorded(log).await.ok().flatten();
    identity.map(|it| format!("in {} ", it.settings.currency)).unwrap_or_default()
}

fn tell_left_out(added: &Added) {
    let Added { partition, records, claiming } = added;
    stderr::line(format_args!(
        "partition {partition} was added to the topic after the log was begun, so it is no part of the log: its {records} records \
         ({claiming} of them with Sklep's headers, which count for nobody) are not in the file"
    ));
}

fn unfinished(path: &Path) -> anyhow::Result<PathBuf> {
    if path.exists() {
        let path = path.display();
        return Err(Usage(format!("{path} exists already; name a file that does not")).into());
    }
    let mut name = path.file_name().context("name a file to write")?.to_owned();
    name.push(".unfinished");
    Ok(path.with_file_name(name))
}

/// Gives the file its name, unless another file has got it meanwhile.
fn give_name(unfinished: &Path, path: &Path) -> io::Result<()> {
    match fs::hard_link(unfinished, path) {
        Ok(()) => fs::remove_file(unfinished),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(error),
        // Not every file system has links.
        Err(_no_links) => fs::rename(unfinished, path),
    }
}

fn show(progress: &mut Option<Progress>, at: Moving) {
    progress.get_or_insert_with(|| Progress::start("records", Some(at.all))).at(at.done);
}

fn finish(progress: Option<Progress>, moved: Moved, whither: &str) {
    if let Some(progress) = progress {
        progress.finish();
    }
    let Moved { records, partitions } = moved;
    let records = Grouped(records);
    stderr::line(format_args!("{records} records of {partitions} partitions {whither}"));
}
