//! The shared servers start once and answer.

use std::net::TcpStream;

#[test]
fn kafka_is_shared_and_answers() {
    let bootstrap = testkit::kafka();
    assert_eq!(bootstrap, testkit::kafka());
    TcpStream::connect(bootstrap).expect("Kafka listens");
}

#[test]
fn mongodb_is_shared_and_answers() {
    let uri = testkit::mongodb();
    assert_eq!(uri, testkit::mongodb());
}
