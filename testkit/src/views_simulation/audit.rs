//! The auditor: what must be true of the database at every moment, and of every answer.

mod tally;

use std::collections::{BTreeMap, BTreeSet};

use event_log::{Offset, Partition, RecordId};
use tokio::time::Instant;
use views::{Control, Document, GenerationName, GenerationState, Key, Mode, READ_LEASE};

pub use self::tally::Tally;
use super::world::Inner;

/// How far a generation is.
pub(super) type Positions = BTreeMap<Partition, Offset>;

/// A generation that was live when a process looked how far it is, and how far it was.
pub(super) type Look = (GenerationName, Positions);

/// What the auditor has seen.
#[derive(Debug, Default)]
pub(super) struct Audit {
    /// Everything that is wrong.
    pub(super) violations: Vec<String>,
    /// How far each process has found the generation that was live then, when it looked last.
    looks: BTreeMap<String, Look>,
    /// How far the generations were whose checkpoints are removed: nobody can feed them any more.
    pub(super) ended: BTreeMap<GenerationName, Positions>,
    /// What the request that each process is at has read.
    pub(super) reads: BTreeMap<String, Vec<Read>>,
    /// The events that each generation leaves out, since later records skip them.
    left_out: BTreeMap<GenerationName, BTreeSet<RecordId>>,
    /// When somebody dropped the database, and with it which generations.
    dropped: Vec<(Instant, GenerationName)>,
    /// What happened how often.
    pub(super) tally: Tally,
}

/// What a query found in one read.
#[derive(Debug, Clone)]
pub(super) struct Read {
    pub(super) generation: GenerationName,
    /// How far the generation was.
    pub(super) at: Positions,
    /// What was not as the events up to there leave it.
    pub(super) wrong: Option<String>,
}

impl Audit {
    /// What a process that asks for a change of control goes by.
    pub(super) fn look_of(&self, process: &str) -> Option<Look> {
        self.looks.get(process).cloned()
    }
}

impl Inner {
    pub(super) fn positions(&self, generation: &GenerationName) -> Positions {
        let all = self.database.checkpoints.get(generation).into_iter().flatten();
        all.map(|(partition, checkpoint)| (*partition, checkpoint.at)).collect()
    }

    /// The document as the log has it for this generation, where that is so far.
    fn expected(&self, generation: &GenerationName, key: &Key, end: Offset) -> Option<&Document> {
        self.truth.before(self.left_out(generation), key, end)
    }

    fn left_out(&self, generation: &GenerationName) -> &BTreeSet<RecordId> {
        static NOTHING: BTreeSet<RecordId> = BTreeSet::new();
        self.audit.left_out.get(generation).unwrap_or(&NOTHING)
    }

    /// Whether a generation cannot reach the end of the log.
    pub(super) fn is_stuck(&self, generation: &GenerationName) -> bool {
        let left_out = self.left_out(generation);
        Partition::all(super::world::IDENTITY.partitions)
            .any(|it| self.truth.passed(left_out, it, self.truth.end(it)).is_some())
    }

    /// A generation is as far as this in a partition.
    fn reached(&mut self, generation: &GenerationName, partition: Partition, at: Offset) {
        if let Some(place) = self.truth.passed(self.left_out(generation), partition, at) {
            self.violated(format!(
                "{generation} is at {at}, though it has {place:?}, which is skipped"
            ));
        }
    }

    /// A process looks how far a generation is.
    pub(super) fn looked(&mut self, process: &str, generation: &GenerationName) {
        let live = self.database.control.as_ref().map(|it| it.live.clone());
        if live.as_ref() == Some(generation) {
            let positions = self.positions(generation);
            self.audit.looks.insert(process.to_owned(), (generation.clone(), positions));
        }
    }

    /// A flip takes back nothing that queries saw before the process that flips looked at it, the last time before it
    /// asked for the flip.
    pub(super) fn control_changed(
        &mut self,
        look: Option<&Look>,
        before: &Control,
        after: &Control,
    ) {
        let job = |control: &Control| control.filling().and_then(|(_, it)| it.job.clone());
        let gone = before.generations.len() > after.generations.len();
        self.audit.tally.removed += u64::from(gone);
        for (name, generation) in after.generations.iter().filter(|(_, it)| !it.skips.is_empty()) {
            let left_out = generation.skips.clone();
            let is_new = self.audit.left_out.insert(name.clone(), left_out).is_none();
            self.audit.tally.begun_anew += u64::from(is_new);
        }
        let taken = job(before).is_some() && job(after).is_some() && job(before) != job(after);
        self.audit.tally.taken_over += u64::from(taken);
        let was = before.generations.get(&after.live).map(|it| it.state);
        let became_ready = was == Some(GenerationState::Filling) && after.is_built();
        if before.live == after.live && !became_ready {
            return;
        }
        self.audit.tally.flips += 1;
        self.audit.tally.rollbacks += u64::from(was == Some(GenerationState::Ready));
        for partition in Partition::all(super::world::IDENTITY.partitions) {
            self.whole(&after.live, partition, "becomes live");
            let mode = self.database.checkpoint(&after.live, partition).map(|it| it.mode);
            if mode != Some(Mode::Live) {
                self.violated(format!("{} becomes live with {mode:?} in {partition}", after.live));
            }
        }
        if !self.database.indexed.contains(&after.live) {
            self.violated(format!("{} becomes live without indexes", after.live));
        }
        if before.live != after.live && before.is_built() {
            let all = self.positions(&before.live);
            let looked = look.filter(|(of, _)| *of == before.live);
            let looked = looked.map_or(all, |(_, positions)| positions.clone());
            let new = self.positions(&after.live);
            if let Some((partition, at)) = looked.iter().find(|(it, at)| new.get(it) < Some(*at)) {
                let is = new.get(partition);
                self.violated(format!(
                    "queries go from {at} in {} back to {is:?} in {} of partition {partition}",
                    before.live, after.live
                ));
            }
        }
    }

    /// Every document that a batch changes is as the events leave it.
    pub(super) fn committed(
        &mut self,
        generation: &GenerationName,
        partition: Partition,
        from: Offset,
        to: Offset,
    ) {
        self.audit.tally.commits += 1;
        if to < from {
            self.violated(format!("{generation}/{partition} goes back from {from} to {to}"));
            return;
        }
        self.reached(generation, partition, to);
        let keys: Vec<Key> = self.truth.touched(partition, from, to).cloned().collect();
        for key in keys {
            self.compare(generation, &key, to, "is committed");
        }
    }

    /// A filled document is one that the events made at some time, lies before the end of the fill, and changes nothing
    /// in a partition that is live.
    pub(super) fn filled(&mut self, process: &str, generation: &GenerationName, key: &Key) {
        self.audit.tally.filled += 1;
        let control = self.database.control.as_ref();
        if control.is_none_or(|it| !it.generations.contains_key(generation)) {
            // An orphan: whoever fills it has not heard yet that it is gone.
            return;
        }
        let Some(document) = self.database.document(generation, key) else { return };
        let (last, partition) = (document.last(), self.truth.partition(key));
        let checkpoint = partition.and_then(|it| self.database.checkpoint(generation, it));
        let wrong = match checkpoint.map(|it| it.mode) {
            _ if self.expected(generation, key, last + 1) != Some(document) => {
                Some("with what it never was")
            }
            Some(Mode::Live) => Some("though it is live"),
            Some(Mode::Fill { to }) if to <= last => Some("beyond the end of the fill"),
            Some(Mode::Fill { .. }) | None => None,
        };
        if let Some(wrong) = wrong {
            self.violated(format!("{process} fills {key:?} of {generation} at {last} {wrong}"));
        }
    }

    /// All documents of a partition are as the events before its checkpoint leave them, and there are no others.
    pub(super) fn whole(&mut self, generation: &GenerationName, partition: Partition, when: &str) {
        let Some(at) = self.database.checkpoint(generation, partition).map(|it| it.at) else {
            self.violated(format!("{generation}/{partition} {when} without a checkpoint"));
            return;
        };
        self.reached(generation, partition, at);
        let keys = self.truth.keys().filter(|(_, fed_by)| *fed_by == partition);
        let keys: Vec<Key> = keys.map(|(key, _)| key.clone()).collect();
        for key in keys {
            self.compare(generation, &key, at, when);
        }
    }

    fn compare(&mut self, generation: &GenerationName, key: &Key, at: Offset, when: &str) {
        let (expected, found) =
            (self.expected(generation, key, at), self.database.document(generation, key));
        if expected != found {
            let what = format!(
                "{key:?} of {generation} {when} at {at}: expected {expected:?}, found {found:?}"
            );
            self.violated(what);
        }
    }

    /// Nothing of a generation is removed while control has a use for it.
    pub(super) fn removed(&mut self, generation: &GenerationName, what: &str) {
        let control = self.database.control.as_ref();
        let state = control.and_then(|it| it.generations.get(generation)).map(|it| it.state);
        if matches!(state, Some(GenerationState::Filling | GenerationState::Ready)) {
            self.violated(format!("{what} of {generation} is removed, which is {state:?}"));
        }
    }

    /// Somebody drops the database.
    pub(super) fn drop_database(&mut self) {
        self.audit.tally.dropped += 1;
        let now = Instant::now();
        let gone = self.database.stored().into_iter().map(|name| (now, name));
        self.audit.dropped.extend(gone);
        self.database = super::database::Database::default();
    }

    /// What a query reads is as the events up to the checkpoints leave it.
    pub(super) fn read(&self, generation: &GenerationName, keys: &[Key]) -> Read {
        let mut at = self.positions(generation);
        for (partition, ended) in self.audit.ended.get(generation).into_iter().flatten() {
            // A checkpoint that somebody makes again afterwards is nobody's: it says nothing about the documents.
            at.insert(*partition, *ended);
        }
        let wrong = keys.iter().find_map(|key| {
            let partition = self.truth.partition(key)?;
            let Some(at) = at.get(&partition) else {
                return Some(format!("{generation}/{partition} has no checkpoint"));
            };
            let expected = self.expected(generation, key, *at);
            let found = self.database.document(generation, key);
            (expected != found)
                .then(|| format!("{key:?} at {at}: expected {expected:?}, found {found:?}"))
        });
        Read { generation: generation.clone(), at, wrong }
    }

    /// A request is answered with what it read.
    pub(super) fn answered(&mut self, process: &str, reads: &[Read], wanted: &Positions) {
        self.audit.tally.answers += 1;
        let Some(first) = reads.first() else { return };
        if reads.iter().any(|it| it.generation != first.generation) {
            self.violated(format!("{process} answers from two generations"));
        }
        let name = &first.generation;
        let dropped = self.audit.dropped.iter().rev().find(|(_, it)| it == name);
        // Whoever drops the database does not wait for anybody's lease.
        if dropped.is_some_and(|(when, _)| when.elapsed() < READ_LEASE) {
            return;
        }
        for read in reads {
            if let Some(wrong) = &read.wrong {
                self.violated(format!("{process} answers from {name}: {wrong}"));
            }
            if let Some((partition, at)) =
                wanted.iter().find(|(it, at)| read.at.get(it) < Some(*at))
            {
                let is = read.at.get(partition);
                self.violated(format!(
                    "{process} was asked for {at} of partition {partition} and answers from {name} at {is:?}"
                ));
            }
        }
    }
}
