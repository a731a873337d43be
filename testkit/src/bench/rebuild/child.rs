//! A rebuild in a process of its own, so that its memory can be told.

use std::{
    path::PathBuf,
    process::Command,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail, ensure};
use clap::Args;
use event_log::{EmbeddedLog, EventLog, KafkaLog, KafkaSettings, Partition, identity};
use projector::{Progress, RebuildSettings, VerifySettings};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use views::{MemoryViews, MongoViews, Phase, ViewStore};

use super::bare;

/// A log, and views to build of it.
#[derive(Debug, Clone, Args)]
pub(in crate::bench) struct ChildArgs {
    #[arg(long)]
    kafka: Option<String>,
    #[arg(long)]
    topic: Option<String>,
    #[arg(long)]
    data: Option<PathBuf>,
    #[arg(long)]
    mongodb: Option<String>,
    #[arg(long)]
    memory: u64,
    #[arg(long)]
    at_once: usize,
    #[arg(long)]
    throttle: Option<u32>,
    /// Measures (b) first.
    #[arg(long)]
    decode: bool,
    /// Compares the views with the log afterwards.
    #[arg(long)]
    verify: bool,
}

/// What a child has measured.
#[derive(Debug, Clone, Default)]
pub(super) struct Measured {
    /// Records a second of (b).
    pub(super) decoded: Option<(u64, Duration)>,
    pub(super) rebuilt: (u64, Duration),
    pub(super) verified: Option<Duration>,
    /// The most memory the process had, in bytes.
    pub(super) peak: u64,
}

/// Runs a child on these cores, as `taskset` names them.
pub(super) fn run(cores: Option<&str>, args: &[String]) -> Result<Measured> {
    let own = std::env::current_exe()?;
    let mut command = match cores {
        Some(cores) => {
            let mut command = Command::new("taskset");
            command.args(["-c", cores]).arg(own);
            command
        }
        None => Command::new(own),
    };
    let output = command.arg("rebuild-child").args(args).output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    if !output.status.success() {
        bail!("{}\n{text}{}", output.status, String::from_utf8_lossy(&output.stderr));
    }
    let mut measured = Measured::default();
    for line in text.lines() {
        let mut words = line.split(' ');
        let (name, mut next) =
            (words.next(), || words.next().context("a number")?.parse::<u64>().context("a number"));
        match name {
            Some("decoded") => measured.decoded = Some((next()?, Duration::from_micros(next()?))),
            Some("rebuilt") => measured.rebuilt = (next()?, Duration::from_micros(next()?)),
            Some("verified") => measured.verified = Some(Duration::from_micros(next()?)),
            Some("peak") => measured.peak = next()?,
            Some(_) | None => bail!("{line}"),
        }
    }
    Ok(measured)
}

/// What the child does: says in lines of words and numbers what [`run`] reads.
pub(in crate::bench) fn main(args: &ChildArgs) -> Result<()> {
    let runtime = if args.at_once == 1 {
        tokio::runtime::Builder::new_current_thread().enable_all().build()?
    } else {
        tokio::runtime::Builder::new_multi_thread().enable_all().build()?
    };
    runtime.block_on(measure(args))
}

async fn measure(args: &ChildArgs) -> Result<()> {
    let log: Arc<dyn EventLog> = match (&args.data, &args.kafka, &args.topic) {
        (Some(folder), _, _) => EmbeddedLog::open(folder, None)?,
        (None, Some(kafka), Some(topic)) => {
            KafkaLog::open(KafkaSettings::new(kafka, topic)).await?
        }
        (None, _, _) => bail!("no log is named"),
    };
    let store: Arc<dyn ViewStore> = match &args.mongodb {
        Some(uri) => MongoViews::open(uri, "sklep").await?,
        None => Arc::new(MemoryViews::new()),
    };
    let mut lines = Vec::new();
    if args.decode {
        let (count, took) = bare::decoding(&*log).await?;
        lines.push(format!("decoded {count} {}", took.as_micros()));
    }
    let begun = Instant::now();
    let records = rebuild(args, &log, &store).await?;
    lines.push(format!("rebuilt {records} {}", begun.elapsed().as_micros()));
    if args.verify {
        let begun = Instant::now();
        verify(args, &log, &store).await?;
        lines.push(format!("verified {}", begun.elapsed().as_micros()));
    }
    lines.push(format!("peak {}", peak()?));
    super::super::print(&lines)
}

/// Rebuilds until queries read the new generation.
async fn rebuild(
    args: &ChildArgs,
    log: &Arc<dyn EventLog>,
    store: &Arc<dyn ViewStore>,
) -> Result<u64> {
    let identity = identity::read(&**log).await?.context("the log was never begun")?;
    let job = std::process::id().to_string();
    let settings = RebuildSettings {
        instance: "bench".into(),
        tag: format!("b{job}"),
        job,
        seed: 1,
        memory: args.memory,
        throttle: args.throttle,
        at_once: args.at_once,
        verify: false,
    };
    let (sender, mut progress) = watch::channel(Progress::default());
    let done = CancellationToken::new();
    let rebuild = projector::rebuild(log, identity, store, settings, sender, &done);
    tokio::select! {
        flipped = progress.wait_for(|it| it.phase == Phase::Flipped) => drop(flipped?),
        ended = rebuild => drop(ended?),
    }
    let mut records = 0_u64;
    for partition in Partition::all(identity.partitions) {
        records = records.saturating_add(log.end(partition).await?);
    }
    Ok(records)
}

async fn verify(
    args: &ChildArgs,
    log: &Arc<dyn EventLog>,
    store: &Arc<dyn ViewStore>,
) -> Result<()> {
    let identity = identity::read(&**log).await?.context("the log was never begun")?;
    let (memory, at_once) = (args.memory, args.at_once);
    let settings = VerifySettings { memory, at_once, generation: None, all: false };
    let (progress, shutdown) = (watch::Sender::default(), CancellationToken::new());
    let verdict = projector::verify(log, identity, store, settings, progress, &shutdown).await?;
    ensure!(verdict.differences.is_empty(), "{:?}", verdict.differences);
    ensure!(verdict.parked.is_empty(), "{:?}", verdict.parked);
    Ok(())
}

/// The most memory that this process had, in bytes (`VmHWM` of proc(5)).
fn peak() -> Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).context("VmHWM")?;
    let kibibytes: u64 = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kibibytes.saturating_mul(1024))
}
