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
        let wishes = media_ranges(headers);
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
    let wishes = media_ranges(headers);
    let named = |kind, subtype| fit(&wishes, kind, subtype).filter(|fit| fit.named);
    let answer = ["json", "graphql-response+json"]
        .into_iter()
        .filter_map(|subtype| named("application", subtype))
        .map(|fit| fit.weight)
        .max();
    named("text", "html").is_some_and(|html| answer.is_none_or(|answer| html.weight > answer))
}

/// One entry of `Accept`.
struct MediaRange {
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

fn media_ranges(headers: &HeaderMap) -> Vec<MediaRange> {
    let values = headers.get_all(header::ACCEPT).into_iter().filter_map(|it| it.to_str().ok());
    values.flat_map(|value| value.split(',')).filter_map(wish).collect()
}

fn wish(entry: &str) -> Option<MediaRange> {
    let mut parts = entry.split(';').map(str::trim);
    let (kind, subtype) = parts.next()?.split_once('/')?;
    let weight = parts.find_map(|part| part.strip_prefix("q=").or(part.strip_prefix("Q=")));
    Some(MediaRange {
        kind: kind.to_ascii_lowercase(),
        subtype: subtype.to_ascii_lowercase(),
        weight: weight.map_or(Some(1000), thousandths)?,
    })
}

/// Reads a weight as HTTP has it (<https://www.rfc-editor.org/rfc/rfc9110#section-12.4.2>): `0`, `0.`, `0.5`, `1.000`, and never more
/// than five characters.
fn thousandths(text: &str) -> Option<u16> {
    let (whole, places) = text.split_once('.').unwrap_or((text, ""));
    if places.len() > 3 || !places.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let places = format!("{places:0<3}").parse::<u16>().ok()?;
    match whole {
        "0" => Some(places),
        "1" if places == 0 => Some(1000),
        _neither => None,
    }
}

/// The most specific entry decides; weight 0 is a no.
fn fit(wishes: &[MediaRange], kind: &str, subtype: &str) -> Option<Fit> {
    let named = wishes.iter().find(|it| it.kind == kind && it.subtype == subtype);
    let by_kind = || wishes.iter().find(|it| it.kind == kind && it.subtype == "*");
    let by_any = || wishes.iter().find(|it| it.kind == "*" && it.subtype == "*");
    let wish = named.or_else(by_kind).or_else(by_any).filter(|wish| wish.weight > 0)?;
    Some(Fit { weight: wish.weight, named: named.is_some() })
}

#[cfg(test)]
mod tests;
