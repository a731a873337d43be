//! One run over a source.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    time::Duration,
};

use domain::ProductId;
use event_log::{Position, Token};
use futures::{StreamExt as _, future::BoxFuture, stream::FuturesUnordered};

use super::{
    Mutation, PreviousRuns, Source, SourceId, SourcePosition, WINDOW,
    content::Fingerprint,
    dependency_queue::{DependencyQueue, Sequence},
    previous_runs::Outcome,
    request::{Answer, QueuedMutation},
    sending::{RetryPolicy, send},
};
use crate::client::{ClientError, ShopClient};

/// Requests on their way at once, and wishes in each: enough to keep every core of the shop busy.
const REQUESTS: usize = 32;
pub(super) const WISHES: usize = 32;

/// A message of a source.
#[derive(Debug)]
pub(crate) struct Message {
    /// Where it stands.
    pub(crate) mark: SourcePosition,
    /// What it wishes for; or why nobody can know.
    pub(crate) wish: Result<Mutation, Reason>,
    /// The message as it came.
    pub(crate) raw: Vec<u8>,
}

/// Why a message is no good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reason {
    /// The sort of reason, for counting.
    pub(crate) code: String,
    /// For people.
    pub(crate) message: String,
}

/// What became of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Its event was stored by this run.
    Stored,
    /// Its event was in the log before this run.
    AlreadyThere,
    /// Everything is as wished, without an event of its own.
    Unchanged,
    /// No event follows from it.
    Rejected(Reason),
    /// It was not sent: an earlier run answered what stood there without an event, and this hardly was it.
    Doubtful,
}

/// Why a doubtful message was not sent.
pub(crate) const DOUBTFUL: &str = "left out: an earlier run of this import found nothing to store there, but would have stored \
                                   this; it was changed since, or was refused for a reason that the log does not show";

type Sent = BoxFuture<'static, Result<Vec<(Sequence, Answer)>, ClientError>>;

/// One run over a source.
pub(crate) struct Run {
    shop: ShopClient,
    series: SourceId,
    earlier: PreviousRuns,
    patience: RetryPolicy,
    turns: DependencyQueue,
    next: Sequence,
    messages: HashMap<Sequence, Held>,
    /// The numbers without an answer, of each partition.
    open: BTreeMap<u32, BTreeSet<u64>>,
    /// A message that is further ahead than the window goes.
    ahead: Option<Message>,
    requests: FuturesUnordered<Sent>,
    /// Where the newest price of each product stands.
    prices: HashMap<ProductId, String>,
    reached: Option<Position>,
}

struct Held {
    mark: SourcePosition,
    wish: Mutation,
    raw: Vec<u8>,
    only_first: bool,
}

impl Run {
    /// A run that gives up when the shop answers nothing for `patience`.
    pub(crate) fn new(
        shop: ShopClient,
        series: SourceId,
        earlier: PreviousRuns,
        patience: Duration,
    ) -> Self {
        Self {
            shop,
            series,
            earlier,
            patience: RetryPolicy::new(patience),
            turns: DependencyQueue::default(),
            next: 0,
            messages: HashMap::new(),
            open: BTreeMap::new(),
            ahead: None,
            requests: FuturesUnordered::new(),
            prices: HashMap::new(),
            reached: None,
        }
    }

    /// Sends everything that comes from the source, and tells of each message what became of it; not in order.
    ///
    /// Ends when the source has ended and everything is answered. `stop` ends the source early.
    pub(crate) async fn go(
        &mut self,
        mut source: Source,
        stop: impl Future<Output = ()>,
        mut tell: impl FnMut(SourcePosition, &[u8], Verdict) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let mut stop = std::pin::pin!(stop);
        let (mut ended, mut stopped) = (false, false);
        while !(ended && self.ahead.is_none() && self.messages.is_empty()) {
            self.send_what_may_be_sent();
            let room = !ended && self.ahead.is_none();
            tokio::select! {
                Some(answers) = self.requests.next() => {
                    for (turn, answer) in answers? {
                        self.answered(turn, answer, &mut tell)?;
                    }
                    if let Some(message) = self.ahead.take() {
                        self.take_in(message, &mut tell)?;
                    }
                }
                message = source.recv(), if room => match message {
                    Some(message) => self.take_in(message?, &mut tell)?,
                    None => ended = true,
                },
                () = &mut stop, if !stopped => {
                    stopped = true;
                    ended = true;
                    self.ahead = None;
                }
            }
        }
        Ok(())
    }

    /// A position from which everything is seen that this run has stored.
    pub(crate) fn reached(&self) -> Option<String> {
        self.reached.clone().map(|reached| Token::from(reached).to_string())
    }

    fn take_in(
        &mut self,
        message: Message,
        tell: &mut impl FnMut(SourcePosition, &[u8], Verdict) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        if self.is_too_far_ahead(message.mark) {
            self.ahead = Some(message);
            return Ok(());
        }
        let Message { mark, wish, raw } = message;
        self.earlier.compare(mark, wish.as_ref().ok(), &raw)?;
        let wish = match wish {
            Ok(wish) => wish,
            Err(reason) => {
                let verdict = Verdict::Rejected(reason);
                self.earlier.note(mark, Fingerprint::of_message(None, &raw), &verdict)?;
                return tell(mark, &raw, verdict);
            }
        };
        let noted = self.earlier.noted(mark);
        let known = self.earlier.known(mark, &wish);
        if let Some(verdict) = noted.filter(|_| known != Outcome::Stored) {
            return tell(mark, &raw, verdict);
        }
        match (known, &wish) {
            (Outcome::Stored, _) => tell(mark, &raw, Verdict::AlreadyThere),
            (Outcome::Doubtful, _) => tell(mark, &raw, Verdict::Doubtful),
            (Outcome::Answered, Mutation::PurchaseProduct { .. }) => {
                tell(mark, &raw, Verdict::Rejected(refused_earlier()))
            }
            // A customer that was answered exists, or cannot; and a price is only asked about.
            (Outcome::Answered | Outcome::Open, _) => {
                self.line_up(Held { mark, wish, raw, only_first: known == Outcome::Answered });
                Ok(())
            }
        }
    }

    fn is_too_far_ahead(&self, mark: SourcePosition) -> bool {
        let oldest = self.open.get(&mark.partition).and_then(BTreeSet::first);
        let window = usize::try_from(WINDOW).unwrap_or(usize::MAX);
        self.messages.len() >= window
            || oldest.is_some_and(|oldest| mark.number > oldest.saturating_add(WINDOW))
    }

    fn line_up(&mut self, held: Held) {
        let turn = self.next;
        self.next = self.next.saturating_add(1);
        self.turns.add(turn, held.wish.touches());
        self.open.entry(held.mark.partition).or_default().insert(held.mark.number);
        self.messages.insert(turn, held);
    }

    fn send_what_may_be_sent(&mut self) {
        while self.turns.ready() > 0 && self.requests.len() < REQUESTS {
            let free = REQUESTS.saturating_sub(self.requests.len()).max(1);
            // A share of what is ready for each free request, so that a few wishes go side by side.
            let share = self.turns.ready().div_ceil(free).min(WISHES);
            let turns: Vec<Sequence> =
                std::iter::from_fn(|| self.turns.take()).take(share).collect();
            let parcels = turns.into_iter().filter_map(|turn| self.parcel(turn)).collect();
            self.requests.push(Box::pin(send(self.shop.clone(), self.patience.clone(), parcels)));
        }
    }

    fn parcel(&self, turn: Sequence) -> Option<QueuedMutation> {
        let held = self.messages.get(&turn)?;
        let at_least = match &held.wish {
            // A price that an earlier run has stored is at the position that the log was read to.
            Mutation::PurchaseProduct { product, .. } => {
                self.prices.get(product).map(String::as_str).or(self.earlier.position())
            }
            Mutation::CreateCustomer { .. } | Mutation::PriceProduct { .. } => None,
        };
        Some(QueuedMutation {
            turn,
            command_id: self.series.command_id(held.mark),
            wish: held.wish.clone(),
            at_least: at_least.map(str::to_owned),
            only_first: held.only_first,
        })
    }

    fn answered(
        &mut self,
        turn: Sequence,
        answer: Answer,
        tell: &mut impl FnMut(SourcePosition, &[u8], Verdict) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        self.turns.answered(turn);
        let Some(held) = self.messages.remove(&turn) else { return Ok(()) };
        if let Some(open) = self.open.get_mut(&held.mark.partition) {
            open.remove(&held.mark.number);
        }
        let (verdict, position) = match answer {
            Answer::Stored { position } => (Verdict::Stored, position),
            Answer::Repeated { position } => (Verdict::AlreadyThere, position),
            Answer::Unchanged { position } => (Verdict::Unchanged, position),
            Answer::Rejected { code, message } => {
                (Verdict::Rejected(Reason { code, message }), None)
            }
        };
        let content = Fingerprint::of_message(Some(&held.wish), &held.raw);
        self.earlier.note(held.mark, content, &verdict)?;
        if let Some(position) = position {
            self.see(held.wish, position);
        }
        tell(held.mark, &held.raw, verdict)
    }

    fn see(&mut self, wish: Mutation, position: String) {
        // The shop's positions can be read here; one of a newer form is only passed on.
        if let Ok(token) = position.parse::<Token>() {
            match &mut self.reached {
                Some(reached) => reached.join(token.needs()),
                None => self.reached = Some(token.needs().clone()),
            }
        }
        if let Mutation::PriceProduct { id, .. } = wish {
            self.prices.insert(id, position);
        }
    }
}

fn refused_earlier() -> Reason {
    Reason {
        code: "REFUSED_EARLIER".into(),
        message:
            "an earlier run of this import was refused it; what it lacked then may be there now, \
                  but in the input it comes later"
                .into(),
    }
}
