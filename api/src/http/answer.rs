//! From result to response.

use async_graphql::{ErrorExtensionValues, Pos, ServerError, Value};
use axum::{
    body::Body,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::Response,
};
use bytes::Bytes;
use serde::Serialize;

use super::{AnswerMemory, AnswerShare, accept::Media};
use crate::{
    operation::{Operation, RequestError},
    schema::Code,
};

/// What a well-formed request comes to.
#[derive(Debug, Serialize)]
pub(super) struct Answer {
    /// None when the request could not be executed, null when its execution failed altogether.
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<ServerError>,
    /// What was charged for it while it was made; none when it is bounded by itself.
    #[serde(skip)]
    share: Option<AnswerShare>,
}

/// A request that is not well-formed.
#[derive(Debug)]
pub(super) struct HttpError {
    status: StatusCode,
    code: Code,
    text: String,
    /// What would be taken instead.
    taken: Option<(HeaderName, &'static str)>,
}

impl Answer {
    /// What async-graphql answered to an operation with this text.
    pub(super) fn of(response: async_graphql::Response, operation: &Operation, text: &str) -> Self {
        let async_graphql::Response { data, mut errors, .. } = response;
        errors.truncate(MOST_ERRORS);
        Operation::locate(text, &mut errors);
        let errors = errors.into_iter().map(|error| coded(Code::BadUserInput, error)).collect();
        Self { data: Some(operation.complete(data)), errors, share: None }
    }

    /// A request that cannot be executed.
    pub(super) fn refused(refused: RequestError) -> Self {
        let RequestError { code, errors } = refused;
        let errors = errors.into_iter().map(|error| coded(code, error)).collect();
        Self { data: None, errors, share: None }
    }

    /// A request whose execution failed altogether.
    pub(super) fn failed(error: ServerError) -> Self {
        Self { data: Some(Value::Null), errors: vec![error], share: None }
    }

    /// An answer for which there is no memory. What a mutation asked for was done.
    pub(super) fn overloaded() -> Self {
        let text = "too many large answers are made and sent at once; ask again (a mutation with the same commandId)";
        Self::failed(Code::Overloaded.error(text).into_server_error(Pos { line: 1, column: 1 }))
    }

    /// The same, with what was charged for it.
    pub(super) fn charged(self, share: AnswerShare) -> Self {
        Self { share: Some(share), ..self }
    }

    /// The codes of its errors.
    fn codes(&self) -> Vec<String> {
        let code = |error: &ServerError| {
            let Value::String(code) = error.extensions.as_ref()?.get("code")? else { return None };
            Some(code.clone())
        };
        self.errors.iter().filter_map(code).collect()
    }

    /// Its errors in words.
    pub(super) fn told(&self) -> String {
        let told: Vec<_> = self.errors.iter().map(|error| error.message.as_str()).collect();
        told.join("; ")
    }

    /// The response, and the codes of the errors in it.
    pub(super) fn into_response(
        mut self,
        media: Media,
        memory: &AnswerMemory,
    ) -> (Response, Vec<String>) {
        let status = match media {
            Media::GraphqlResponse if self.data.is_none() => StatusCode::BAD_REQUEST,
            Media::GraphqlResponse | Media::Json => StatusCode::OK,
        };
        let share = self.share.take().unwrap_or_else(|| memory.share());
        if let Ok(body) = share.body(self.written()) {
            return (response(status, media, body), self.codes());
        }
        let overloaded = Self::overloaded();
        let body = Bytes::from(overloaded.written());
        (response(StatusCode::OK, media, body), overloaded.codes())
    }

    fn written(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_else(|error| {
            tracing::error!(%error, "an answer cannot be written");
            Vec::new()
        })
    }
}

impl HttpError {
    pub(super) fn request(text: impl Into<String>) -> Self {
        Self::status(StatusCode::BAD_REQUEST, text)
    }

    /// What is not well-formed.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    pub(super) fn status(status: StatusCode, text: impl Into<String>) -> Self {
        Self { status, code: Code::BadRequest, text: text.into(), taken: None }
    }

    pub(super) fn method(allow: &'static str, text: &str) -> Self {
        let taken = Some((header::ALLOW, allow));
        Self { taken, ..Self::status(StatusCode::METHOD_NOT_ALLOWED, text) }
    }

    /// A body that is encoded (<https://www.rfc-editor.org/rfc/rfc9110#section-15.5.16>).
    pub(super) fn coded(text: &str) -> Self {
        let taken = Some((header::ACCEPT_ENCODING, "identity"));
        Self { taken, ..Self::status(StatusCode::UNSUPPORTED_MEDIA_TYPE, text) }
    }

    /// The hash of a query which was not sent and is not kept. Clients know it by these very words: urql by the message,
    /// Apollo's by the message or the code.
    pub(super) fn not_kept() -> Self {
        let code = Code::PersistedQueryNotSupported;
        Self { code, ..Self::status(StatusCode::OK, "PersistedQueryNotSupported") }
    }

    pub(super) fn code(&self) -> Code {
        self.code
    }

    pub(super) fn into_response(self, media: Media) -> Response {
        let errors = vec![ServerError::new(self.text, None)];
        let answer = Answer::refused(RequestError { code: self.code, errors });
        let mut response = response(self.status, media, answer.written().into());
        if let Some((name, value)) = self.taken {
            response.headers_mut().insert(name, HeaderValue::from_static(value));
        }
        response
    }
}

fn response(status: StatusCode, media: Media, body: Bytes) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let content_type = HeaderValue::from_static(media.content_type());
    response.headers_mut().insert(header::CONTENT_TYPE, content_type);
    response
}

/// How many errors are told. Where a store is away every field fails, and each says the same.
const MOST_ERRORS: usize = 1_000;

/// The longest message of an error, in characters: a parser quotes the whole line that it could not read.
const LONGEST_MESSAGE: usize = 500;

/// Gives an error of async-graphql's own the code that it lacks.
fn coded(usual: Code, mut error: ServerError) -> ServerError {
    let values = error.extensions.get_or_insert_with(ErrorExtensionValues::default);
    if values.get("code").is_none() {
        values.set("code", usual.as_str());
    }
    if let Some(said) = of_scalar(&error.message) {
        error.message = said.to_owned();
    }
    if let Some((end, _)) = error.message.char_indices().nth(LONGEST_MESSAGE) {
        error.message.truncate(end);
        error.message.push('…');
    }
    error
}

/// What a scalar said of a value, without the name of its parser, which async-graphql puts before it.
fn of_scalar(message: &str) -> Option<&str> {
    let (_name, said) = message.strip_prefix("Failed to parse \"")?.split_once("\": ")?;
    Some(said)
}
