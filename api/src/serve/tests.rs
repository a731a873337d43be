//! Clients that ask nothing, ask slowly, or do not take their answers.

use std::{net::SocketAddr, sync::Arc};

use axum::{Router, body::Bytes, routing::post};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    sync::Notify,
    task::JoinHandle,
    time::{Instant, timeout},
};
use tokio_util::sync::CancellationToken;

use super::*;

const SOON: Duration = Duration::from_secs(20);

/// Impatient, so that the tests are not slow.
fn impatient() -> Limits {
    Limits {
        connections: 8,
        first_request: Duration::from_millis(300),
        idle: Duration::from_millis(300),
        body: Duration::from_millis(300),
        stalled_answer: Duration::from_millis(300),
        stop: Duration::from_secs(15),
    }
}

struct Server {
    address: SocketAddr,
    stop: CancellationToken,
    served: JoinHandle<io::Result<()>>,
    /// Lets `/slow` answer.
    go: Arc<Notify>,
}

impl Server {
    async fn start(limits: Limits) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, go) = (CancellationToken::new(), Arc::new(Notify::new()));
        let slow = Arc::clone(&go);
        let router = Router::new()
            .route("/", post(|body: Bytes| async move { body }))
            .route("/fault", post(async || -> String { panic!("a fault") }))
            .route("/large", post(|| async { vec![b'x'; 64 << 20] }))
            .route(
                "/slow",
                post(|| async move {
                    slow.notified().await;
                    "done"
                }),
            );
        let served = serve(listener, router.into(), limits, stop.clone().cancelled_owned());
        Self { address, stop, served: tokio::spawn(served), go }
    }

    async fn send(&self, text: &str) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(text.as_bytes()).await.unwrap();
        stream
    }

    /// Asks on a connection of its own and gives the whole answer.
    async fn ask(&self, path: &str, body: &str) -> String {
        let length = body.len();
        let text = format!(
            "POST {path} HTTP/1.1\r\nhost: shop\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}"
        );
        received(&mut self.send(&text).await).await
    }

    async fn stop(self) -> Duration {
        let begun = Instant::now();
        self.stop.cancel();
        timeout(SOON, self.served).await.unwrap().unwrap().unwrap();
        begun.elapsed()
    }
}

/// Everything until the server closes the connection.
async fn received(stream: &mut TcpStream) -> String {
    let mut text = Vec::new();
    // A connection that is cut while something is on its way is reset.
    _ = timeout(SOON, stream.read_to_end(&mut text)).await.expect("the connection stays open");
    String::from_utf8(text).unwrap()
}

#[tokio::test]
async fn a_connection_without_a_request_is_closed_after_a_while() {
    let server = Server::start(impatient()).await;
    for beginning in ["", "POST / HT", "PRI * HTTP/2.0\r\n"] {
        let text = received(&mut server.send(beginning).await).await;
        assert!(!text.contains("200 OK"), "{beginning:?}: {text}");
    }
    assert!(server.ask("/", "hello").await.ends_with("hello"));
}

#[tokio::test]
async fn http_2_is_not_spoken() {
    let server = Server::start(impatient()).await;
    let text = received(&mut server.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await).await;
    assert!(text.starts_with("HTTP/1.1 400") || text.is_empty(), "{text}");
}

#[tokio::test]
async fn a_header_that_comes_bit_by_bit_does_not_keep_its_connection() {
    let server = Server::start(impatient()).await;
    let mut stream = server.send("POST / HTTP/1.1\r\n").await;
    let begun = Instant::now();
    let trickle = async {
        while stream.write_all(b"x: y\r\n").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(SOON, trickle).await.expect("the connection stays open");
    assert!(begun.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn a_body_that_does_not_come_is_told_so() {
    let server = Server::start(impatient()).await;
    let header = "POST / HTTP/1.1\r\nhost: shop\r\ncontent-length: 10\r\n\r\nhalf";
    let text = received(&mut server.send(header).await).await;
    assert!(text.starts_with("HTTP/1.1 408") && text.contains("too long to arrive"), "{text}");
}

#[tokio::test]
async fn a_body_that_is_too_long_is_told_so_before_it_comes() {
    let server = Server::start(impatient()).await;
    let header = "POST / HTTP/1.1\r\nhost: shop\r\ncontent-length: 1048577\r\n\r\n";
    let text = received(&mut server.send(header).await).await;
    assert!(text.starts_with("HTTP/1.1 413") && text.contains("1048576 bytes"), "{text}");
}

#[tokio::test]
async fn a_client_that_does_not_take_its_answer_is_left() {
    let server = Server::start(impatient()).await;
    let request = "POST /large HTTP/1.1\r\nhost: shop\r\ncontent-length: 0\r\n\r\n";
    let mut stream = server.send(request).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    let mut taken = Vec::new();
    _ = timeout(SOON, stream.read_to_end(&mut taken)).await.expect("the connection stays open");
    assert!(taken.len() < 64 << 20, "it was left before");
    // One that takes it has it whole, however long that lasts.
    assert!(server.ask("/large", "").await.len() > 64 << 20);
}

#[tokio::test]
async fn silent_connections_never_shut_others_out() {
    let patient = Limits { first_request: SOON, idle: SOON, ..impatient() };
    let server = Server::start(patient).await;
    let mut silent = Vec::new();
    for _ in 0..50 {
        silent.push(server.send("").await);
    }
    let begun = Instant::now();
    assert!(server.ask("/", "hello").await.ends_with("hello"));
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn requests_that_are_answered_keep_their_connections_when_there_are_too_many() {
    let server = Server::start(impatient()).await;
    let slow = || server.ask("/slow", "");
    let all = futures::future::join_all((0..20).map(|_| slow()));
    let go = async {
        loop {
            tokio::time::sleep(Duration::from_millis(50)).await;
            server.go.notify_waiters();
        }
    };
    let answers = tokio::select! { answers = all => answers, () = go => unreachable!() };
    assert!(answers.iter().all(|text| text.ends_with("done")), "{answers:?}");
}

#[tokio::test]
async fn a_stop_does_not_wait_for_who_has_asked_nothing() {
    let server = Server::start(Limits::default()).await;
    let header = "POST / HTTP/1.1\r\nhost: shop\r\ncontent-length: 10\r\n\r\nhalf";
    let answered = "POST / HTTP/1.1\r\nhost: shop\r\ncontent-length: 2\r\n\r\nhi";
    let mut open = Vec::new();
    for beginning in ["", "POST /", header, answered] {
        open.push(server.send(beginning).await);
    }
    tokio::time::sleep(Duration::from_millis(100)).await;
    let took = server.stop().await;
    assert!(took < Duration::from_secs(3), "{took:?}");
}

#[tokio::test]
async fn a_stop_waits_for_the_answer_to_what_was_asked() {
    let server = Server::start(Limits::default()).await;
    let request = "POST /slow HTTP/1.1\r\nhost: shop\r\ncontent-length: 0\r\n\r\n";
    let mut stream = server.send(request).await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    let go = Arc::clone(&server.go);
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(500)).await;
        go.notify_waiters();
    });
    let (took, text) = tokio::join!(server.stop(), received(&mut stream));
    assert!(took >= Duration::from_millis(400), "{took:?}");
    assert!(text.ends_with("done"), "{text}");
}

#[tokio::test]
async fn a_fault_while_answering_is_told_and_ends_nothing_else() {
    let server = Server::start(Limits::default()).await;
    let request = "POST /fault HTTP/1.1\r\nhost: shop\r\ncontent-length: 0\r\n\r\n";
    let next = "POST / HTTP/1.1\r\nhost: shop\r\nconnection: close\r\ncontent-length: 2\r\n\r\nhi";
    let mut stream = server.send(&format!("{request}{next}")).await;
    let text = received(&mut stream).await;
    assert!(text.starts_with("HTTP/1.1 500") && text.contains("INTERNAL"), "{text}");
    assert!(text.ends_with("hi"), "{text}");
}
