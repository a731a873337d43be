//! One connection that is kept, and as little work as possible for each request: what the generator spends is taken
//! from the servers, as they share the machine.

use anyhow::{Context as _, Result, bail};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

/// A connection to a server.
#[derive(Debug)]
pub(super) struct Connection {
    stream: TcpStream,
    read: Vec<u8>,
}

impl Connection {
    pub(super) async fn open(address: &str) -> Result<Self> {
        let stream = TcpStream::connect(address).await.with_context(|| address.to_owned())?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, read: Vec::with_capacity(4096) })
    }

    /// Sends a request and gives the body of its answer, which must be a 200.
    pub(super) async fn ask(&mut self, request: &[u8]) -> Result<Vec<u8>> {
        self.stream.write_all(request).await?;
        self.read.clear();
        loop {
            if self.stream.read_buf(&mut self.read).await? == 0 {
                bail!("the server has closed the connection");
            }
            if let Some(body) = body(&self.read)? {
                return Ok(body.to_vec());
            }
        }
    }
}

/// A GraphQL request over HTTP, ready to be sent.
pub(super) fn request(document: &str, variables: &serde_json::Value) -> Vec<u8> {
    let body = serde_json::json!({ "query": document, "variables": variables }).to_string();
    let length = body.len();
    format!(
        "POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
    )
    .into_bytes()
}

/// The body, as soon as all of it is there.
fn body(read: &[u8]) -> Result<Option<&[u8]>> {
    let Some(end) = read.windows(4).position(|four| four == b"\r\n\r\n") else { return Ok(None) };
    let (head, rest) = read.split_at(end);
    let body = rest.get(4..).unwrap_or_default();
    if !head.starts_with(b"HTTP/1.1 200 ") {
        bail!("the server answered {}", String::from_utf8_lossy(read));
    }
    let length = length(head).context("an answer without content-length")?;
    Ok((body.len() >= length).then_some(body))
}

fn length(head: &[u8]) -> Option<usize> {
    let head = str::from_utf8(head).ok()?;
    let line = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then_some(value)
    });
    line?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::body;

    const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nvary: accept\r\n\r\nbody";

    #[test]
    fn a_body_is_given_when_all_of_it_has_come() {
        for length in 0..ANSWER.len() {
            assert_eq!(body(&ANSWER[..length]).unwrap(), None, "{length} bytes");
        }
        assert_eq!(body(ANSWER).unwrap(), Some(&b"body"[..]));
    }

    #[test]
    fn every_answer_but_a_200_fails() {
        assert!(body(b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n").is_err());
    }
}
