//! `sklep import-clientflow`: brings the messages of the older shop into a running one.

mod difference;
mod lines;
mod message;
mod notes;
mod records;
mod report;

use std::{
    fs::File,
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::Context as _;
use clap::Args;
use event_log::kafka::source_topic::Until;
use same_file::Handle;

use crate::{
    bulk_submit::{PreviousRuns, Run, Source, SourceId},
    client::{ServerArgs, ShopClient},
    exit_code::{Mismatch, Outcome, Usage},
    output_file::{self, Existing},
    stderr,
    stores::{KafkaAccess, KafkaArgs},
    views,
};
use report::{Place, Report};

/// Imports the messages of the older shop, one JSON object a line
///
/// A second run over the same source adds nothing, and a run that was killed resumes where it stopped, however much
/// later: each message's command id is made of the source's name and the line, and is looked up in the shop's log; what
/// was rejected is noted on this machine (--state). When a line is not what an earlier run imported or was refused,
/// nothing is imported, and the exit code is 3: another source needs a name of its own (--source), and lines that were
/// mended belong into a file of their own.
/// Messages that are rejected are reported and left out; when all are, the exit code is 1.
#[derive(Debug, Args)]
pub(crate) struct ImportClientflowArgs {
    #[command(flatten)]
    server: ServerArgs,
    /// The messages, one JSON object a line; - for standard input
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
    /// Kafka's brokers, for messages from a topic
    #[arg(long, env = "SKLEP_KAFKA", value_name = "HOST:PORT,…")]
    kafka: Option<String>,
    /// The topic of the messages, one JSON object a record
    #[arg(long, env = "SKLEP_FROM_TOPIC", value_name = "NAME", conflicts_with = "file")]
    from_topic: Option<String>,
    #[command(flatten)]
    access: KafkaAccess,
    /// Goes on with new records of the topic until Ctrl-C
    #[arg(long, env = "SKLEP_FOLLOW", value_parser = clap::builder::BoolishValueParser::new())]
    follow: bool,
    /// Name of the source, from which command ids are made; the file's or the topic's name when absent
    #[arg(long, env = "SKLEP_SOURCE", value_name = "NAME")]
    source: Option<String>,
    /// Writes the messages that were left out to this file, as they came
    #[arg(long, env = "SKLEP_REJECTS", value_name = "FILE")]
    rejects: Option<PathBuf>,
    /// Replaces the file of --rejects when it exists
    #[arg(long)]
    overwrite: bool,
    /// Where runs note what the shop rejected, for later runs of the same source; `sklep` in the user's state folder
    /// (`~/.local/state`) when absent
    #[arg(long, env = "SKLEP_STATE", value_name = "FOLDER")]
    state: Option<PathBuf>,
    /// Gives up when the shop answers nothing for so many seconds
    #[arg(long, env = "SKLEP_PATIENCE", value_name = "SECONDS", default_value_t = 300)]
    patience: u64,
    /// The summary as one JSON object
    #[arg(long, env = "SKLEP_JSON", value_parser = clap::builder::BoolishValueParser::new())]
    json: bool,
}

impl ImportClientflowArgs {
    fn how_to_resume(&self) -> &'static str {
        if self.rejects.is_some() && !self.overwrite {
            "run the same command with --overwrite (for the file of --rejects) to resume"
        } else {
            "run the same command to resume"
        }
    }
}

/// So many messages are read ahead of those that are looked at.
const READ_AHEAD: usize = 1024;

/// Where messages come from, opened.
struct Opened {
    series: SourceId,
    source: Source,
    place: Place,
    /// What is read, so that it is not written to.
    inputs: Vec<Handle>,
}

/// Imports everything and prints a summary.
pub(crate) async fn run(args: ImportClientflowArgs) -> anyhow::Result<Outcome> {
    let shop = args.server.shop()?;
    let Opened { series, source, place, inputs } = open(&args)?;
    let rejects = args.rejects.as_deref().map(|path| {
        let existing = if args.overwrite { Existing::Overwrite } else { Existing::Keep };
        let file = output_file::create(path, existing, &inputs).context("--rejects");
        Ok::<_, anyhow::Error>((path.to_owned(), file?))
    });
    let rejects = rejects.transpose()?;
    let notes = notes::open(args.state.as_deref(), &shop, &series).await?;
    let earlier =
        PreviousRuns::read(&shop, &series, notes).await.context("the shop's log cannot be read")?;
    if let Some(file) = args.file.as_deref().filter(|file| !is_standard_input(file)) {
        let checked = lines::check(file, &earlier);
        difference::explained(checked, &shop, &series, place).await?;
    }
    let mut report = Report::start(rejects, place);
    let patience = Duration::from_secs(args.patience);
    let mut run = Run::new(shop.clone(), series.clone(), earlier, patience);
    let mut interrupted = false;
    let until = async {
        // Where Ctrl-C cannot be heard it ends the program, which is as safe.
        let _ = tokio::signal::ctrl_c().await;
        interrupted = true;
        stderr::line("stopping: no more is read, what was sent is waited for");
    };
    let went = run.go(source, until, |mark, raw, verdict| report.tell(mark, raw, verdict)).await;
    report.finish(args.json)?;
    let went = went.with_context(|| format!("the import stopped early; {}", args.how_to_resume()));
    difference::explained(went, &shop, &series, place).await?;
    wait_for_views(&shop, &run).await;
    // Following ends in no other way.
    if interrupted && !args.follow {
        anyhow::bail!("the import was stopped; {}", args.how_to_resume());
    }
    let doubtful = report.doubtful();
    if doubtful > 0 {
        return Err(Mismatch(format!(
            "{doubtful} messages were left out, since an earlier run found nothing to store at their places: put what \
             was mended into a file of its own (--rejects writes it) and import that by a name that was not used before \
             (--source)"
        ))
        .into());
    }
    if report.only_rejects() {
        anyhow::bail!("nothing was imported: every message was rejected");
    }
    Ok(Outcome::Done)
}

fn is_standard_input(file: &Path) -> bool {
    file.as_os_str() == "-"
}

async fn wait_for_views(shop: &ShopClient, run: &Run) {
    if let Some(position) = run.reached() {
        views::wait(shop, &position).await;
    }
}

fn open(args: &ImportClientflowArgs) -> anyhow::Result<Opened> {
    match (&args.file, &args.from_topic) {
        (Some(_), _) if args.follow => {
            Err(Usage("--follow is for a topic; a file is read to its end".into()).into())
        }
        (Some(file), _) => open_file(args, file),
        (None, Some(topic)) => open_topic(args, topic),
        (None, None) => {
            let hint = "name the FILE to import, - for standard input, or a topic by --kafka and --from-topic";
            Err(Usage(hint.into()).into())
        }
    }
}

fn open_topic(args: &ImportClientflowArgs, topic: &str) -> anyhow::Result<Opened> {
    let kafka = args.kafka.clone();
    let kafka = KafkaArgs { kafka, topic: topic.to_owned(), access: args.access.clone() };
    let settings = kafka.settings(None)?;
    let settings = settings.ok_or_else(|| Usage("--from-topic needs --kafka HOST:PORT".into()))?;
    let series = SourceId::of_records("clientflow-topic", args.source.as_deref().unwrap_or(topic));
    let until = if args.follow { Until::Dropped } else { Until::End };
    let source = records::read(settings, until);
    Ok(Opened { series, source, place: Place::Record, inputs: Vec::new() })
}

fn open_file(args: &ImportClientflowArgs, file: &Path) -> anyhow::Result<Opened> {
    let name = match &args.source {
        Some(name) => name.clone(),
        None if is_standard_input(file) => {
            let hint =
                "standard input has no name to make command ids from: give it one by --source NAME";
            return Err(Usage(hint.into()).into());
        }
        None => file.file_name().unwrap_or_default().to_string_lossy().into_owned(),
    };
    let series = SourceId::of_lines("clientflow-line", &name);
    let (source, input) = if is_standard_input(file) {
        (lines::read(io::BufReader::new(io::stdin())), Handle::stdin()?)
    } else {
        let context = || file.display().to_string();
        let opened = File::open(file).with_context(context)?;
        if opened.metadata().with_context(context)?.is_dir() {
            let file = file.display();
            return Err(Usage(format!("{file} is a folder; name a FILE of messages in it")).into());
        }
        let handle = Handle::from_file(opened.try_clone()?).with_context(context)?;
        (lines::read(io::BufReader::new(opened)), handle)
    };
    Ok(Opened { series, source, place: Place::Line, inputs: vec![input] })
}
