//! Many wishes as one GraphQL request: each is one field under a name of its own.

use std::{collections::HashMap, fmt::Write as _};

use serde::Deserialize;
use serde_json::{Map, Value};

use super::{dependency_queue::Sequence, mutation::Mutation};
use crate::client::{GraphError, Reply};

/// A wish on its way.
#[derive(Debug, Clone)]
pub(super) struct QueuedMutation {
    pub(super) turn: Sequence,
    pub(super) command_id: String,
    pub(super) wish: Mutation,
    /// The position of the price that a purchase is to be charged at least.
    pub(super) at_least: Option<String>,
    /// An earlier run sent this price: it must not become one again, only its answer is wanted.
    pub(super) only_first: bool,
}

/// What the shop says to a wish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Answer {
    /// Its event was stored now.
    Stored { position: Option<String> },
    /// Its event was there already.
    Repeated { position: Option<String> },
    /// Everything is as wished without it.
    Unchanged { position: Option<String> },
    /// It was refused, or cannot be understood.
    Rejected { code: String, message: String },
}

/// Data of an answer: each wish's payload under its name.
pub(super) type Payloads = HashMap<String, Option<Payload>>;

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Payload {
    position: Option<String>,
    repeated: bool,
    rejection: Option<Rejection>,
    event: Option<Event>,
}

#[derive(Debug, Clone, Deserialize)]
struct Rejection {
    code: String,
    message: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Event {
    command_id: Option<String>,
}

/// The request for all these wishes: its text and its variables.
pub(super) fn request(parcels: &[QueuedMutation]) -> (String, Map<String, Value>) {
    let mut inputs = String::new();
    let mut fields = String::new();
    let mut variables = Map::new();
    for parcel in parcels {
        let QueuedMutation { turn, command_id, wish, at_least, only_first } = parcel;
        let (mutation, input_type) = (wish.mutation(), wish.input_type());
        // Writing to a string cannot fail.
        let _ = write!(inputs, "$i{turn}:{input_type}!");
        let _ = write!(
            fields,
            "w{turn}:{mutation}(input:$i{turn}){{position repeated rejection{{code message}}event{{commandId}}}}"
        );
        let input = wish.input(command_id, at_least.as_deref(), *only_first);
        variables.insert(format!("i{turn}"), input);
    }
    (format!("mutation({inputs}){{{fields}}}"), variables)
}

/// What a reply says to one of its wishes; the error when it has no answer.
pub(super) fn answer(
    parcel: &QueuedMutation,
    reply: &Reply<Payloads>,
) -> Result<Answer, GraphError> {
    let name = format!("w{}", parcel.turn);
    let payload = reply.data.as_ref().and_then(|payloads| payloads.get(&name)).cloned().flatten();
    if let Some(payload) = payload {
        return Ok(said(parcel, payload));
    }
    let of_this = reply.errors.iter().find(|error| error.field() == Some(name.as_str()));
    let of_all = || reply.errors.iter().find(|error| error.field().is_none());
    // Of an error elsewhere that took this answer along nothing is known but that it may pass.
    let error = of_this.or_else(of_all).cloned().unwrap_or_else(GraphError::lost);
    Err(error)
}

fn said(parcel: &QueuedMutation, payload: Payload) -> Answer {
    let Payload { position, repeated, rejection, event } = payload;
    if let Some(Rejection { code, message }) = rejection {
        if parcel.only_first && code == "VERSION_CONFLICT" {
            return Answer::Unchanged { position };
        }
        return Answer::Rejected { code, message };
    }
    let own = event.and_then(|event| event.command_id).is_none_or(|id| id == parcel.command_id);
    match (repeated, own) {
        (false, _) => Answer::Stored { position },
        (true, true) => Answer::Repeated { position },
        (true, false) => Answer::Unchanged { position },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parcel(turn: Sequence) -> QueuedMutation {
        let wish = Mutation::PurchaseProduct {
            customer: "anna".parse().unwrap(),
            product: "chleb_1".parse().unwrap(),
            quantity: domain::Quantity::from_thousandths(1500).unwrap(),
        };
        let command_id = format!("test::{turn}");
        QueuedMutation { turn, command_id, wish, at_least: Some("P".into()), only_first: false }
    }

    fn reply(text: &str) -> Reply<Payloads> {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn every_wish_is_a_field_with_its_own_input() {
        let (text, variables) = request(&[parcel(1), parcel(2)]);
        assert!(text.starts_with(
            "mutation($i1:PurchaseProductInput!$i2:PurchaseProductInput!){w1:purchaseProduct"
        ));
        assert_eq!(
            variables["i2"],
            serde_json::json!({ "customerId": "anna", "productId": "chleb_1", "quantity": "1.5",
                "atLeast": "P", "commandId": "test::2" })
        );
    }

    #[test]
    fn each_wish_finds_its_own_answer() {
        let reply = reply(
            r#"{"data": {
                "w1": {"position": "Q", "repeated": false, "rejection": null, "event": {"commandId": "test::1"}},
                "w2": {"position": "Q", "repeated": true, "rejection": null, "event": {"commandId": "test::2"}},
                "w3": {"position": "Q", "repeated": true, "rejection": null, "event": {"commandId": null}},
                "w4": {"position": null, "repeated": false, "event": null,
                       "rejection": {"code": "CUSTOMER_NOT_FOUND", "message": "no"}},
                "w5": null},
               "errors": [{"message": "busy", "path": ["w5"], "extensions": {"code": "OVERLOADED"}}]}"#,
        );
        let position = Some("Q".to_owned());
        let of = |turn| answer(&parcel(turn), &reply);
        assert_eq!(of(1).unwrap(), Answer::Stored { position: position.clone() });
        assert_eq!(of(2).unwrap(), Answer::Repeated { position: position.clone() });
        let rejected = Answer::Rejected { code: "CUSTOMER_NOT_FOUND".into(), message: "no".into() };
        assert_eq!(of(4).unwrap(), rejected);
        assert!(of(5).unwrap_err().passes());
        assert!(
            of(6).unwrap_err().passes(),
            "an answer that was lost may come when asked for again"
        );
    }

    #[test]
    fn an_error_of_the_whole_request_is_every_wish_s_error() {
        let reply = reply(r#"{"data": null, "errors": [{"message": "unknown field"}]}"#);
        assert!(!answer(&parcel(1), &reply).unwrap_err().passes());
    }

    #[test]
    fn as_many_wishes_as_are_sent_at_once_are_within_the_shops_limits() {
        let turns =
            4_294_967_000..4_294_967_000 + Sequence::try_from(super::super::run::WISHES).unwrap();
        let long =
            |turn| QueuedMutation { at_least: None, command_id: "x".repeat(128), ..parcel(turn) };
        let parcels: Vec<_> = turns.map(long).collect();
        let (text, variables) = request(&parcels);
        crate::client::is_taken(&text, &variables.into());
    }
}
