//! The task of one partition: feeds its writer and does what the writer wants done.

mod effects;
mod status;

use std::{collections::HashMap, sync::Arc, time::Duration};

use event_log::{Judged, JudgedBatch, LogError, Partition, Subscription, Verdict, codec};
use tokio::{
    sync::{mpsc, oneshot, watch},
    time::{Instant, Interval, MissedTickBehavior, interval},
};

pub(crate) use effects::Effects;
pub(crate) use status::{NewOwner, WriterStatus};

use self::status::Ownership;
use crate::writer::{Input, Output, ReadRecord, Reply, Submission, Ticket, Writer};

/// How often deadlines are looked at: late by a hundredth of the usual deadline at most.
const TICK: Duration = Duration::from_millis(100);
/// How many calls are decided before what they want appended is appended.
const CALLS_AT_ONCE: usize = 256;

/// What a partition's task is asked.
#[derive(Debug)]
pub(crate) enum PartitionMessage {
    /// To decide a command; the task gives it its ticket.
    Call(Box<Submission>, oneshot::Sender<Reply>),
    /// To take no more calls, and to leave once those that it has are answered.
    Stop,
}

/// What the task hears about what it has sent out.
#[derive(Debug)]
pub(crate) struct Completion {
    pub(crate) input: Input,
    /// Why an append failed.
    pub(crate) error: Option<LogError>,
}

/// Owns the writer of one partition.
pub(crate) struct PartitionTask {
    partition: Partition,
    writer: Writer,
    errands: Effects,
    requests: mpsc::Receiver<PartitionMessage>,
    closed: bool,
    feed: Subscription,
    // Unbounded, since a receipt must not block. Holds as many as there are appends in flight, and a few more.
    told: mpsc::UnboundedReceiver<Completion>,
    callers: HashMap<Ticket, oneshot::Sender<Reply>>,
    last_ticket: u64,
    outputs: Vec<Output>,
    standing: watch::Sender<WriterStatus>,
    ownership: Ownership,
}

impl PartitionTask {
    pub(crate) fn new(
        writer: Writer,
        errands: Effects,
        told: mpsc::UnboundedReceiver<Completion>,
        requests: mpsc::Receiver<PartitionMessage>,
        feed: Subscription,
        standing: watch::Sender<WriterStatus>,
    ) -> Self {
        Self {
            partition: errands.partition(),
            writer,
            errands,
            requests,
            closed: false,
            feed,
            told,
            callers: HashMap::new(),
            last_ticket: 0,
            outputs: Vec::new(),
            standing,
            ownership: Ownership::default(),
        }
    }

    /// Runs until it is stopped, or until the log is no longer followed.
    pub(crate) async fn run(mut self) {
        let mut ticks = interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        self.handle(Input::Assigned);
        self.execute();
        while !(self.closed && self.writer.open() == 0) {
            if !self.receive(&mut ticks).await {
                tracing::error!(partition = %self.partition, "the log is no longer followed, so nothing is decided");
                break;
            }
            self.hear_what_is_ready();
            self.execute();
        }
        self.standing.send_modify(WriterStatus::leave);
    }

    /// Waits for something to happen; false when the log is no longer followed.
    async fn receive(&mut self, ticks: &mut Interval) -> bool {
        tokio::select! {
            biased;
            Some(told) = self.told.recv() => self.take_told(told),
            request = self.requests.recv(), if !self.closed => match request {
                Some(request) => self.take_request(request),
                None => self.closed = true,
            },
            batch = self.feed.recv() => match batch {
                Some(batch) => self.read(&batch),
                None => return false,
            },
            _ = ticks.tick(), if self.writer.open() > 0 => self.handle(Input::Tick),
        }
        true
    }

    /// Takes everything else that has happened too, before anything is done about it.
    fn hear_what_is_ready(&mut self) {
        while let Ok(told) = self.told.try_recv() {
            self.take_told(told);
        }
        while let Ok(batch) = self.feed.try_recv() {
            self.read(&batch);
        }
        for _ in 0..CALLS_AT_ONCE {
            let Ok(request) = self.requests.try_recv() else { break };
            self.take_request(request);
        }
    }

    fn take_told(&mut self, told: Completion) {
        let served = self.writer.serves();
        if let Input::EndFetched { nonce, .. } = told.input {
            self.ownership.will_start(nonce);
        }
        self.handle(told.input);
        if let Some(error) = told.error
            && served
            && !self.writer.serves()
        {
            let error: &dyn std::error::Error = &error;
            tracing::warn!(partition = %self.partition, error, "an append failed; the writer starts again");
        }
    }

    fn take_request(&mut self, request: PartitionMessage) {
        match request {
            PartitionMessage::Call(mut submission, caller) => {
                self.last_ticket = self.last_ticket.wrapping_add(1);
                submission.ticket = Ticket(self.last_ticket);
                self.callers.insert(submission.ticket, caller);
                self.handle(Input::Submit(submission));
            }
            // What was sent before is still received.
            PartitionMessage::Stop => self.requests.close(),
        }
    }

    fn read(&mut self, batch: &JudgedBatch) {
        for judged in &batch.records {
            let offset = judged.stored.offset;
            if offset < self.writer.next() {
                continue;
            }
            if let Some(by) = self.ownership.read(judged) {
                self.standing.send_modify(|standing| standing.take_over(by, Instant::now()));
            }
            let reading = self.reading(judged);
            self.handle(Input::Read { offset, claim: judged.claim, reading });
        }
    }

    /// Decodes a record that counts, unless the writer has appended it itself.
    fn reading(&self, judged: &Judged) -> ReadRecord {
        let own = judged.claim.is_some_and(|claim| self.writer.knows(claim));
        if own || judged.verdict != Verdict::Counts {
            return ReadRecord::Unread;
        }
        match codec::decode(&judged.stored.record) {
            Ok(envelope) => ReadRecord::Readable(Arc::new(envelope)),
            Err(why) => {
                let (partition, offset) = (self.partition, judged.stored.offset);
                let record = &judged.stored.record;
                let key = codec::key(record).into_owned();
                let shown = codec::Shown(&key);
                tracing::error!(%partition, offset, key = %shown, %why, "an event that counts cannot be read");
                let (time, command_id) = (codec::time(record), codec::command_id(record));
                ReadRecord::Unreadable { key, time, command_id }
            }
        }
    }

    fn handle(&mut self, input: Input) {
        self.writer.handle(self.errands.now(), input, &mut self.outputs);
    }

    /// Does what the writer wants done.
    fn execute(&mut self) {
        let mut outputs = std::mem::take(&mut self.outputs);
        for output in outputs.drain(..) {
            match output {
                Output::Append(envelope) => self.errands.append(&envelope),
                Output::Answer(ticket, reply) => self.answer(ticket, reply),
                // No start would ever count, and each try would be one more record for nothing. The follower has said so.
                Output::FetchEnd if self.writer.ledger().is_exhausted() => {}
                Output::FetchEnd => self.errands.fetch_end(),
                Output::ReadAgain { key, below } => self.errands.read_again(key, below),
                Output::ReadCatalogue { epoch } => self.errands.read_catalogue(epoch),
                Output::Pause { up_to } => self.errands.pause(up_to),
                // There is no other instance to give it to.
                Output::Handover(submission) => self.answer(submission.ticket, Reply::Unavailable),
            }
        }
        self.outputs = outputs;
        let serves = self.writer.serves();
        self.standing.send_if_modified(|standing| standing.serve(serves, Instant::now()));
    }

    fn answer(&mut self, ticket: Ticket, reply: Reply) {
        if let Some(caller) = self.callers.remove(&ticket) {
            // The caller may have gone away; what is stored is stored all the same.
            _ = caller.send(reply);
        }
    }
}
