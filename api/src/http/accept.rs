//! Which media type an answer is to have.

use axum::http::{HeaderMap, header};

/// The media types of answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Media {
    /// `application/graphql-response+json`: the status says whether the request could be executed.
    GraphqlResponse,
    /// `application/json`: 200 for every well-formed request.
    Json,
}

impl Media {
    /// The media type that fits these headers best; none when none does. Without a wish, and for `*/*`, it is
    /// `application/json`, which every client understands.
    pub(crate) fn of(headers: &HeaderMap) -> Option<Self> {
        let wishes = wishes(headers);
        if wishes.is_empty() {
            return Some(Self::Json);
        }
        let modern = fit(&wishes, "application", "graphql-response+json");
        let plain = fit(&wishes, "application", "json");
        match (modern, plain) {
            (Some(modern), Some(plain)) if modern.weight > plain.weight => {
                Some(Self::GraphqlResponse)
            }
            (Some(modern), Some(plain)) if modern.weight == plain.weight && modern.named => {
                Some(Self::GraphqlResponse)
            }
            (_, Some(_)) => Some(Self::Json),
            (Some(_), None) => Some(Self::GraphqlResponse),
            (None, None) => None,
        }
    }

    /// As a content type.
    pub(crate) fn content_type(self) -> &'static str {
        match self {
            Self::GraphqlResponse => "application/graphql-response+json; charset=utf-8",
            Self::Json => "application/json; charset=utf-8",
        }
    }
}

/// Whether a page is wanted rather than an answer: it is asked for by name, and at least as much.
pub(super) fn html(headers: &HeaderMap) -> bool {
    let wishes = wishes(headers);
    let named = |kind, subtype| fit(&wishes, kind, subtype).filter(|fit| fit.named);
    let answer = ["json", "graphql-response+json"]
        .into_iter()
        .filter_map(|subtype| named("application", subtype))
        .map(|fit| fit.weight)
        .max();
    named("text", "html").is_some_and(|html| answer.is_none_or(|answer| html.weight > answer))
}

/// One entry of `Accept`.
struct Wish {
    kind: String,
    subtype: String,
    /// In thousandths.
    weight: u16,
}

/// How much a media type is wanted.
#[derive(Clone, Copy)]
struct Fit {
    weight: u16,
    /// By its own name, not by a wildcard.
    named: bool,
}

fn wishes(headers: &HeaderMap) -> Vec<Wish> {
    let values = headers.get_all(header::ACCEPT).into_iter().filter_map(|it| it.to_str().ok());
    values.flat_map(|value| value.split(',')).filter_map(wish).collect()
}

fn wish(entry: &str) -> Option<Wish> {
    let mut parts = entry.split(';').map(str::trim);
    let (kind, subtype) = parts.next()?.split_once('/')?;
    let weight = parts.find_map(|part| part.strip_prefix("q=").or(part.strip_prefix("Q=")));
    Some(Wish {
        kind: kind.to_ascii_lowercase(),
        subtype: subtype.to_ascii_lowercase(),
        weight: weight.map_or(Some(1000), thousandths)?,
    })
}

/// Reads `0`, `0.5`, `1.000`.
fn thousandths(text: &str) -> Option<u16> {
    let weight = text.parse::<domain::Decimal>().ok()?.in_units_of(3)?;
    u16::try_from(weight).ok().filter(|weight| *weight <= 1000)
}

/// The most specific entry decides; weight 0 is a no.
fn fit(wishes: &[Wish], kind: &str, subtype: &str) -> Option<Fit> {
    let named = wishes.iter().find(|it| it.kind == kind && it.subtype == subtype);
    let by_kind = || wishes.iter().find(|it| it.kind == kind && it.subtype == "*");
    let by_any = || wishes.iter().find(|it| it.kind == "*" && it.subtype == "*");
    let wish = named.or_else(by_kind).or_else(by_any).filter(|wish| wish.weight > 0)?;
    Some(Fit { weight: wish.weight, named: named.is_some() })
}

#[cfg(test)]
mod tests;
