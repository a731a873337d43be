//! One request on its way, sent until every wish in it has an answer.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use super::{
    dependency_queue::Sequence,
    request::{Answer, Payloads, QueuedMutation, answer, request},
};
use crate::{
    client::{ClientError, GraphError, Reply, ShopClient},
    stderr,
};

/// From the first pause after a failure to the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(20);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
/// Between two complaints about one outage.
const BETWEEN_COMPLAINTS: Duration = Duration::from_secs(10);

/// How a run meets trouble; shared by all its requests.
#[derive(Debug, Clone)]
pub(super) struct RetryPolicy {
    /// How long one request is tried without any answer.
    pub(super) limit: Duration,
    complained: Arc<Mutex<Option<Instant>>>,
}

impl RetryPolicy {
    pub(super) fn new(limit: Duration) -> Self {
        Self { limit, complained: Arc::default() }
    }

    /// Tells people, unless somebody just did.
    fn complain(&self, why: &dyn std::fmt::Display) {
        let mut last = self.complained.lock().unwrap_or_else(PoisonError::into_inner);
        if last.is_none_or(|last| last.elapsed() >= BETWEEN_COMPLAINTS) {
            *last = Some(Instant::now());
            drop(last);
            stderr::line(format_args!("trying again: {why}"));
        }
    }
}

/// Sends these wishes until each is answered. Fails when nothing was answered for as long as patience goes.
pub(super) async fn send(
    shop: ShopClient,
    patience: RetryPolicy,
    parcels: Vec<QueuedMutation>,
) -> Result<Vec<(Sequence, Answer)>, ClientError> {
    let mut open = parcels;
    let mut answers = Vec::new();
    let mut tried = false;
    let mut since = Instant::now();
    let mut pause = FIRST_PAUSE;
    while !open.is_empty() {
        let trouble = match attempt(&shop, &open).await {
            Ok(sorted) => {
                if !sorted.answers.is_empty() {
                    since = Instant::now();
                    pause = FIRST_PAUSE;
                }
                // What a failed attempt of ours has stored, we have stored.
                answers.extend(
                    sorted.answers.into_iter().map(|(turn, answer)| (turn, claim(answer, tried))),
                );
                open = sorted.open;
                sorted.error.map(ClientError::Graphql)
            }
            Err(trouble) => Some(trouble),
        };
        let Some(trouble) = trouble else { continue };
        tried = true;
        if since.elapsed() >= patience.limit || !trouble.passes() {
            return Err(trouble);
        }
        patience.complain(&trouble);
        tokio::time::sleep(pause).await;
        pause = pause.saturating_mul(2).min(LONGEST_PAUSE);
    }
    Ok(answers)
}

fn claim(answer: Answer, tried: bool) -> Answer {
    match answer {
        Answer::Repeated { position } if tried => Answer::Stored { position },
        Answer::Stored { .. }
        | Answer::Repeated { .. }
        | Answer::Unchanged { .. }
        | Answer::Rejected { .. } => answer,
    }
}

/// A reply, sorted.
#[derive(Default)]
struct Sorted {
    answers: Vec<(Sequence, Answer)>,
    /// What must be sent again, and why.
    open: Vec<QueuedMutation>,
    error: Option<GraphError>,
}

async fn attempt(shop: &ShopClient, parcels: &[QueuedMutation]) -> Result<Sorted, ClientError> {
    let mut sorted = sort(parcels, &post(shop, parcels).await?);
    // An error that will not pass may be one wish's fault and everybody's loss: find out whose, one by one.
    let Some(error) = sorted.error.take_if(|error| !error.passes()) else { return Ok(sorted) };
    if !error.blames_the_request() {
        return Err(ClientError::Graphql(error));
    }
    if let [parcel] = parcels {
        let code = error.code().unwrap_or("NOT_UNDERSTOOD").to_owned();
        return Ok(rejected(parcel, code, error.message));
    }
    let mut all = Sorted { answers: sorted.answers, ..Sorted::default() };
    for parcel in sorted.open {
        let one = Box::pin(attempt(shop, &[parcel])).await?;
        all.answers.extend(one.answers);
        all.open.extend(one.open);
        all.error = all.error.or(one.error);
    }
    Ok(all)
}

async fn post(
    shop: &ShopClient,
    parcels: &[QueuedMutation],
) -> Result<Reply<Payloads>, ClientError> {
    let (text, variables) = request(parcels);
    shop.request(&text, &variables).await
}

fn rejected(parcel: &QueuedMutation, code: String, message: String) -> Sorted {
    Sorted { answers: vec![(parcel.turn, Answer::Rejected { code, message })], ..Sorted::default() }
}

fn sort(parcels: &[QueuedMutation], reply: &Reply<Payloads>) -> Sorted {
    parcels.iter().fold(Sorted::default(), |mut sorted, parcel| {
        match answer(parcel, reply) {
            Ok(answer) => sorted.answers.push((parcel.turn, answer)),
            Err(error) => {
                sorted.open.push(parcel.clone());
                // One that will not pass weighs more: it must be looked into.
                let heavier =
                    sorted.error.as_ref().is_none_or(|known| known.passes() && !error.passes());
                if heavier {
                    sorted.error = Some(error);
                }
            }
        }
        sorted
    })
}
