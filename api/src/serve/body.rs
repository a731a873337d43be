//! Receiving the body of a request: a bounded number of bytes, in a bounded time, in bounded memory for all together.

use std::time::Duration;

use axum::{
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::Response,
};
use bytes::{Bytes, BytesMut};
use http_body::Body;
use http_body_util::BodyExt as _;
use tokio::{
    sync::{Semaphore, SemaphorePermit},
    time::timeout,
};

use crate::{plain_error::plain_error, schema::Code};

/// How long a request may be, in bytes. The longest useful one is a few kilobytes.
pub(crate) const LONGEST: usize = 1 << 20;

/// A body up to this many bytes needs nobody's leave: the number of connections bounds what all of them take.
const SMALL: usize = 16 << 10;

/// How many bytes longer bodies may take together while they arrive.
const MEMORY: usize = 64 << 20;

/// The memory for bodies that arrive.
#[derive(Debug)]
pub(super) struct Bodies {
    memory: Semaphore,
}

/// Why a body was not received.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BodyRefused {
    TooLong,
    TooSlow,
    TooMany,
    Broken,
}

impl Bodies {
    pub(super) fn new() -> Self {
        Self { memory: Semaphore::new(MEMORY) }
    }

    /// Receives a whole body.
    pub(super) async fn receive<B: Body<Data = Bytes> + Unpin>(
        &self,
        body: B,
        within: Duration,
    ) -> Result<Bytes, BodyRefused> {
        let longest = u64::try_from(LONGEST).unwrap_or(u64::MAX);
        if body.size_hint().lower() > longest {
            return Err(BodyRefused::TooLong);
        }
        timeout(within, self.collect(body)).await.unwrap_or(Err(BodyRefused::TooSlow))
    }

    async fn collect<B: Body<Data = Bytes> + Unpin>(&self, body: B) -> Result<Bytes, BodyRefused> {
        let mut body = body;
        let mut received = BytesMut::new();
        let mut reserved: Vec<SemaphorePermit<'_>> = Vec::new();
        let mut allowed = SMALL;
        while let Some(frame) = body.frame().await {
            let Ok(data) = frame.map_err(|_broken_off| BodyRefused::Broken)?.into_data() else {
                continue;
            };
            let length = received.len().saturating_add(data.len());
            if length > LONGEST {
                return Err(BodyRefused::TooLong);
            }
            while length > allowed {
                // As much again, as the buffer grows.
                let more = u32::try_from(allowed).map_err(|_too_large| BodyRefused::TooLong)?;
                reserved.push(
                    self.memory.try_acquire_many(more).map_err(|_full| BodyRefused::TooMany)?,
                );
                allowed = allowed.saturating_mul(2);
            }
            received.extend_from_slice(&data);
        }
        drop(reserved);
        Ok(received.freeze())
    }
}

impl BodyRefused {
    /// The answer to a request with these headers. The connection is closed: what is left of the body would have to be
    /// read first.
    pub(super) fn response(self, asked: &HeaderMap) -> Response {
        let (status, code, text) = match self {
            Self::TooLong => (
                StatusCode::PAYLOAD_TOO_LARGE,
                Code::BadRequest,
                format!("a request has at most {LONGEST} bytes"),
            ),
            Self::TooSlow => (
                StatusCode::REQUEST_TIMEOUT,
                Code::BadRequest,
                "the request took too long to arrive".to_owned(),
            ),
            Self::TooMany => (
                StatusCode::SERVICE_UNAVAILABLE,
                Code::Overloaded,
                "too many large requests arrive at once; try again later".to_owned(),
            ),
            Self::Broken => {
                (StatusCode::BAD_REQUEST, Code::BadRequest, "the request broke off".to_owned())
            }
        };
        let mut response = plain_error(asked, status, code, &text);
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        response
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use axum::body::Body as AxumBody;
    use futures::{StreamExt as _, stream};

    use super::*;

    fn body(chunks: usize, size: usize) -> AxumBody {
        let chunk = Bytes::from(vec![b'x'; size]);
        AxumBody::from_stream(stream::iter(vec![Ok::<_, Infallible>(chunk); chunks]))
    }

    const SOON: Duration = Duration::from_millis(50);

    #[tokio::test]
    async fn a_body_is_received_whole_or_refused_by_its_length() {
        let bodies = Bodies::new();
        let received = bodies.receive(body(64, 1 << 14), SOON * 100).await.unwrap();
        assert_eq!(received.len(), LONGEST);
        assert_eq!(bodies.receive(body(65, 1 << 14), SOON * 100).await, Err(BodyRefused::TooLong));
        let known = AxumBody::from(vec![0; LONGEST + 1]);
        assert_eq!(bodies.receive(known, SOON * 100).await, Err(BodyRefused::TooLong));
        assert_eq!(bodies.memory.available_permits(), MEMORY, "nothing is kept");
    }

    #[tokio::test]
    async fn a_body_that_does_not_end_is_refused_after_a_while() {
        let endless = stream::iter([Ok::<_, Infallible>(Bytes::from_static(b"{"))]);
        let endless = AxumBody::from_stream(endless.chain(stream::pending()));
        assert_eq!(Bodies::new().receive(endless, SOON).await, Err(BodyRefused::TooSlow));
    }

    #[tokio::test]
    async fn large_bodies_that_arrive_share_their_memory_and_leave_small_ones_alone() {
        let bodies = Bodies::new();
        let unfinished = || {
            let chunk = Ok::<_, Infallible>(Bytes::from(vec![0; LONGEST]));
            AxumBody::from_stream(stream::iter([chunk]).chain(stream::pending()))
        };
        let many = futures::future::join_all((0..100).map(|_| bodies.receive(unfinished(), SOON)));
        let small = async {
            tokio::task::yield_now().await;
            bodies.receive(body(1, SMALL), SOON).await
        };
        let (many, small) = tokio::join!(many, small);
        assert!(small.is_ok());
        let slow = many.iter().filter(|it| **it == Err(BodyRefused::TooSlow)).count();
        assert_eq!(slow, MEMORY / (LONGEST - SMALL));
        let refused = many.iter().filter(|it| **it == Err(BodyRefused::TooMany)).count();
        assert_eq!(slow.saturating_add(refused), 100);
    }
}
