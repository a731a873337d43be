//! What happened, for people.

use command::writer::{Reply, Request};
use domain::{Command, Event};
use event_log::{Content, Envelope, Stamp, WriterId};

/// Lines about a run, when somebody wants them.
#[derive(Debug, Default)]
pub struct Trace(Option<Vec<String>>);

impl Trace {
    /// Notes that are taken.
    pub fn taken() -> Self {
        Self(Some(Vec::new()))
    }

    /// Adds a line, which is only made when notes are taken.
    pub fn add(&mut self, line: impl FnOnce() -> String) {
        if let Some(lines) = &mut self.0 {
            lines.push(line());
        }
    }

    /// The lines, joined.
    pub fn text(&self) -> String {
        self.0.iter().flatten().flat_map(|line| [line.as_str(), "\n"]).collect()
    }
}

pub(super) fn process(number: usize) -> char {
    ('A'..='Z').nth(number).unwrap_or('?')
}

/// Nonces are made of the process's number and how many it has used: `A1`.
pub(super) fn writer(id: WriterId) -> String {
    let number = id.0.as_u128();
    let of = usize::try_from(number >> 64_u32).unwrap_or(usize::MAX);
    format!("{}{}", process(of), number & u128::from(u64::MAX))
}

pub(super) fn stamp(stamp: Stamp) -> String {
    format!("epoch {} {} #{}", stamp.epoch, writer(stamp.writer), stamp.sequence)
}

pub(super) fn record(envelope: &Envelope) -> String {
    format!("[{}] {}", stamp(envelope.stamp), content(&envelope.content))
}

fn content(content: &Content) -> String {
    match content {
        Content::WriterStarted(_) => "writer started".to_owned(),
        Content::Barrier => "barrier".to_owned(),
        Content::EventSkipped(skip) => format!("event {} skipped", skip.place.offset),
        Content::Event(event) => self::event(event),
    }
}

fn event(event: &Event) -> String {
    match event {
        Event::CustomerCreated(created) => {
            format!("customer {} created as {}", created.customer_id, created.first_name.as_str())
        }
        Event::ProductPriced(priced) => format!(
            "product {} priced {} (version {})",
            priced.product_id, priced.price, priced.version
        ),
        Event::ProductPurchased(bought) => {
            format!("purchase {}: {} of {}", bought.purchase_id, bought.quantity, bought.product_id)
        }
    }
}

pub(super) fn wish(wish: &Request) -> String {
    match wish {
        Request::Command(command) => self::command(command),
        Request::Skip(skip) => format!("skip {} of {}", skip.place.offset, skip.key),
    }
}

fn command(command: &Command) -> String {
    match command {
        Command::CreateCustomer(wish) => {
            format!("create customer {} as {}", wish.customer_id, wish.first_name.as_str())
        }
        Command::PriceProduct(wish) => {
            let expected = wish.expected_version.map(|version| format!(" if version is {version}"));
            format!(
                "price product {} {}{}",
                wish.product_id,
                wish.price,
                expected.unwrap_or_default()
            )
        }
        Command::PurchaseProduct(wish) => {
            format!("customer {} buys {} of {}", wish.customer_id, wish.quantity, wish.product_id)
        }
    }
}

pub(super) fn reply(reply: &Reply) -> String {
    match reply {
        Reply::Stored { offset, repeated: false, .. } => format!("stored at {offset}"),
        Reply::Stored { offset, repeated: true, .. } => format!("a repeat of {offset}"),
        Reply::Repeats { offset } => format!("its command id stands for {offset}"),
        Reply::IsAlready { offset } => format!("as it is already since {offset}"),
        Reply::Refused(refusal) => format!("refused: {refusal}"),
        Reply::NotParked { held_by: Some(offset) } => format!("held up by {offset}"),
        Reply::NotParked { held_by: None } => "not held up".to_owned(),
        Reply::Failed => "failed".to_owned(),
        Reply::Unknown => "unknown".to_owned(),
        Reply::Overloaded => "overloaded".to_owned(),
        Reply::Unavailable => "unavailable".to_owned(),
    }
}
