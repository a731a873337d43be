//! What became of the messages: counted, told, and kept where they were left out.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{Seek as _, Write as _},
    path::PathBuf,
    time::{Duration, Instant},
};

use anyhow::Context as _;
use serde_json::json;

use crate::{
    bulk_submit::{DOUBTFUL, SourcePosition, Verdict},
    progress::Progress,
    stdout::Stdout,
};

/// How a message's place is called.
#[derive(Debug, Clone, Copy)]
pub(super) enum Place {
    Line,
    Record,
}

/// The report of one import.
pub(super) struct Report {
    place: Place,
    began: Instant,
    progress: Progress,
    rejects: Option<Rejects>,
    counts: Counts,
}

struct Rejects {
    path: PathBuf,
    file: File,
    /// Which messages it holds, in this order, and how many bytes of each.
    kept: Vec<(SourcePosition, usize)>,
}

#[derive(Debug, Default)]
struct Counts {
    read: u64,
    stored: u64,
    already_there: u64,
    unchanged: u64,
    rejected: BTreeMap<String, u64>,
    doubtful: u64,
}

impl Report {
    /// Begins a report; `rejects` is an empty file, with its name.
    pub(super) fn start(rejects: Option<(PathBuf, File)>, place: Place) -> Self {
        let rejects = rejects.map(|(path, file)| Rejects { path, file, kept: Vec::new() });
        let progress = Progress::start("messages", None);
        Self { place, began: Instant::now(), progress, rejects, counts: Counts::default() }
    }

    /// Whether there were messages, and none of them was any good.
    pub(super) fn only_rejects(&self) -> bool {
        self.counts.read > 0 && self.counts.read == self.counts.rejected()
    }

    /// How many messages were left out because an earlier run read something else at their places.
    pub(super) fn doubtful(&self) -> u64 {
        self.counts.doubtful
    }

    /// Takes in what became of a message.
    pub(super) fn tell(
        &mut self,
        mark: SourcePosition,
        raw: &[u8],
        verdict: Verdict,
    ) -> anyhow::Result<()> {
        let one_more = |count: &mut u64| *count = count.saturating_add(1);
        one_more(&mut self.counts.read);
        self.progress.at(self.counts.read);
        match verdict {
            Verdict::Stored => one_more(&mut self.counts.stored),
            Verdict::AlreadyThere => one_more(&mut self.counts.already_there),
            Verdict::Unchanged => one_more(&mut self.counts.unchanged),
            Verdict::Rejected(reason) => {
                self.leave_out(mark, raw, &format!("{} ({})", reason.message, reason.code))?;
                one_more(self.counts.rejected.entry(reason.code).or_default());
            }
            Verdict::Doubtful => {
                self.leave_out(mark, raw, DOUBTFUL)?;
                one_more(&mut self.counts.doubtful);
            }
        }
        Ok(())
    }

    fn leave_out(&mut self, mark: SourcePosition, raw: &[u8], why: &str) -> anyhow::Result<()> {
        self.progress.say(format_args!("{}: {why}", self.place.of(mark)));
        self.rejects.as_mut().map_or(Ok(()), |rejects| rejects.keep(mark, raw))
    }

    /// Prints the summary.
    pub(super) fn finish(&mut self, as_json: bool) -> anyhow::Result<()> {
        self.progress.finish();
        self.rejects.as_mut().map_or(Ok(()), Rejects::sort)?;
        let took = self.began.elapsed();
        let mut out = Stdout::new();
        if as_json {
            out.json(&self.counts.json(took))?;
        } else {
            self.counts.lines(took).into_iter().try_for_each(|line| out.line(line))?;
        }
        out.flush()
    }
}

impl Place {
    /// The place, for people.
    pub(super) fn of(self, mark: SourcePosition) -> String {
        match self {
            Self::Line => format!("line {}", mark.number),
            Self::Record => format!("partition {}, offset {}", mark.partition, mark.number),
        }
    }
}

impl Rejects {
    /// Not buffered: a run that is killed has kept what it told.
    fn keep(&mut self, mark: SourcePosition, raw: &[u8]) -> anyhow::Result<()> {
        let line = [raw, b"\n"].concat();
        self.file.write_all(&line).with_context(|| self.name())?;
        self.kept.push((mark, line.len()));
        Ok(())
    }

    /// Puts the lines into the order of the source: they were kept as answers came, but a price that is mended goes before
    /// the purchases that need it.
    fn sort(&mut self) -> anyhow::Result<()> {
        if self.kept.is_sorted() || !self.file.metadata()?.is_file() {
            return Ok(());
        }
        let text = fs::read(&self.path).with_context(|| self.name())?;
        let mut rest = text.as_slice();
        let mut messages: Vec<(SourcePosition, &[u8])> = Vec::new();
        for (mark, length) in &self.kept {
            let (message, behind) = rest.split_at_checked(*length).unwrap_or((rest, &[]));
            messages.push((*mark, message));
            rest = behind;
        }
        messages.sort_by_key(|(mark, _)| *mark);
        let sorted: Vec<u8> = messages.into_iter().flat_map(|(_, text)| text).copied().collect();
        let mut file = &self.file;
        file.rewind().and_then(|()| file.write_all(&sorted)).with_context(|| self.name())
    }

    fn name(&self) -> String {
        format!("--rejects {}", self.path.display())
    }
}

impl Counts {
    fn rejected(&self) -> u64 {
        self.rejected.values().fold(0, |sum, count| sum.saturating_add(*count))
    }

    fn per_second(&self, took: Duration) -> u128 {
        let read = u128::from(self.read).saturating_mul(1000);
        read.checked_div(took.as_millis()).unwrap_or(read)
    }

    fn lines(&self, took: Duration) -> Vec<String> {
        let rejected = self.rejected();
        let mut lines = vec![
            format!("read           {:>10}", self.read),
            format!("stored         {:>10}", self.stored),
            format!("already there  {:>10}", self.already_there),
            format!("unchanged      {:>10}", self.unchanged),
            format!("rejected       {rejected:>10}"),
        ];
        let reasons = self.rejected.iter();
        lines.extend(reasons.map(|(code, count)| format!("  {code:<24} {count:>10}")));
        if self.doubtful > 0 {
            lines.push(format!("left out       {:>10}", self.doubtful));
        }
        lines.push(format!("seconds        {:>10}.{:03}", took.as_secs(), took.subsec_millis()));
        lines.push(format!("messages/s     {:>10}", self.per_second(took)));
        lines
    }

    fn json(&self, took: Duration) -> serde_json::Value {
        json!({
            "read": self.read,
            "stored": self.stored,
            "alreadyThere": self.already_there,
            "unchanged": self.unchanged,
            "rejected": self.rejected(),
            "rejectedByReason": self.rejected,
            "leftOut": self.doubtful,
            "seconds": took.as_secs_f64(),
            "messagesPerSecond": u64::try_from(self.per_second(took)).unwrap_or(u64::MAX),
        })
    }
}
