//! Servers start, survive what tests do to them, and are named when they are missing.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "what the helpers of a test cannot do fails the test"
)]

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::Command;
use std::time::Duration;

use testkit::{Kafka, Mongo, Program};

/// Kafka's `ApiVersions` 0 and `Metadata` 1 for all topics, each with correlation id 7 and no
/// client id.
const API_VERSIONS: &[u8] = &[0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 7, 255, 255];
const METADATA: &[u8] = &[0, 0, 0, 14, 0, 3, 0, 1, 0, 0, 0, 7, 255, 255, 255, 255, 255, 255];

fn ask(address: &str, request: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(2)))?;
    stream.write_all(request)?;
    let mut length = [0; 4];
    stream.read_exact(&mut length)?;
    let mut reply = vec![0; u32::from_be_bytes(length).try_into().expect("64 bits")];
    stream.read_exact(&mut reply)?;
    Ok(reply)
}

fn serves(address: &str) -> bool {
    ask(address, API_VERSIONS).is_ok_and(|reply| reply.starts_with(&[0, 0, 0, 7]))
}

/// Tells whether the brokers in Kafka's metadata have this address.
fn sends_clients_to(bootstrap: &str, address: &str) -> bool {
    let (host, port) = address.split_once(':').expect("host:port");
    let port: i32 = port.parse().expect("a port");
    let broker = [host.as_bytes(), &port.to_be_bytes()].concat();
    let reply = ask(bootstrap, METADATA).expect("metadata");
    reply.windows(broker.len()).any(|window| window == broker)
}

#[test]
fn kafka_is_started_once_and_serves() {
    let bootstrap = testkit::kafka();
    assert_eq!(bootstrap, testkit::kafka());
    assert!(serves(bootstrap));
}

#[test]
fn mongodb_is_started_once_and_listens() {
    let uri = testkit::mongodb();
    assert_eq!(uri, testkit::mongodb());
    assert!(uri.ends_with("/?replicaSet=rs0"));
}

#[test]
fn a_private_kafka_comes_back_at_the_same_address() {
    let mut kafka = Kafka::start_private().unwrap();
    let bootstrap = kafka.bootstrap().to_owned();
    kafka.pause().unwrap();
    assert!(!serves(&bootstrap));
    kafka.resume().unwrap();
    assert!(serves(&bootstrap));

    kafka.kill().unwrap();
    assert!(TcpStream::connect(&bootstrap).is_err());
    kafka.start().unwrap();
    assert!(serves(&bootstrap));

    kafka.restart().unwrap();
    assert!(serves(&bootstrap));
    assert_eq!(kafka.bootstrap(), bootstrap);
}

#[test]
fn kafka_keeps_clients_behind_its_proxy() {
    let (kafka, proxy) = Kafka::start_behind_proxy().unwrap();
    let proxied = proxy.address();
    assert!(sends_clients_to(kafka.bootstrap(), kafka.bootstrap()));
    assert!(sends_clients_to(&proxied, &proxied));
    assert!(!sends_clients_to(&proxied, kafka.bootstrap()));
    proxy.stall();
    assert!(!serves(&proxied));
    assert!(serves(kafka.bootstrap()));
}

#[test]
fn a_private_mongodb_is_elected_again_after_a_kill_and_a_restart() {
    let mut mongo = Mongo::start_private().unwrap();
    let pid = mongo.pid().unwrap();
    mongo.kill().unwrap();
    assert!(TcpStream::connect(mongo.address()).is_err());
    // Returns only when it takes writes, which it does as a member of the set in its data.
    mongo.start().unwrap();
    mongo.restart().unwrap();
    assert_ne!(mongo.pid().unwrap(), pid);
}

#[test]
fn a_paused_mongodb_can_be_stopped() {
    let mut mongo = Mongo::start_standalone().unwrap();
    assert!(!mongo.uri().contains("replicaSet"));
    mongo.pause().unwrap();
    mongo.stop().unwrap();
    assert!(mongo.pid().is_err());
}

#[test]
fn a_server_that_does_not_start_shows_its_log() {
    let options =
        testkit::MongoOptions { arguments: vec!["--nonsense".into()], ..Default::default() };
    let error = Mongo::start_with(&options).unwrap_err();
    assert!(error.to_string().contains("unrecognised option '--nonsense'"), "{error}");
}

/// Runs the tests named `shared_` of this file in a process with other variables.
fn shared_tests_with(variables: &[(&str, &str)]) -> String {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--ignored", "--nocapture", "shared_"]).envs(variables.iter().copied());
    let mut program = Program::start(&command).unwrap();
    let status = program.wait(Duration::from_mins(1)).unwrap();
    assert!(!status.success());
    program.output()
}

#[test]
#[ignore = "fails; run by the tests below with variables that make it fail"]
fn shared_kafka() {
    testkit::kafka();
}

#[test]
#[ignore = "fails; run by the tests below with variables that make it fail"]
fn shared_mongodb() {
    testkit::mongodb();
}

#[test]
fn a_test_without_its_server_fails_and_tells_the_ways_to_provide_it() {
    let cache = std::env::temp_dir().join(testkit::unique("sklep-testkit-cache"));
    let output = shared_tests_with(&[
        ("PATH", "/nowhere"),
        ("SKLEP_TEST_CACHE", cache.to_str().unwrap()),
        ("SKLEP_TEST_KAFKA", ""),
        ("SKLEP_TEST_MONGODB", ""),
    ]);
    assert!(output.contains("mvn: not found"), "{output}");
    assert!(output.contains("1. set SKLEP_TEST_KAFKA to a running one"), "{output}");
    assert!(output.contains("pip: not found"), "{output}");
    assert!(output.contains("1. set SKLEP_TEST_MONGODB to a running one"), "{output}");
    let left = std::fs::read_dir(&cache).unwrap().map(|entry| entry.unwrap().file_name());
    assert!(left.into_iter().all(|name| name.to_str().unwrap().contains("lock")));
    std::fs::remove_dir_all(cache).unwrap();
}

#[test]
fn a_server_named_by_a_variable_that_does_not_answer_is_named_in_the_failure() {
    let output = shared_tests_with(&[
        ("SKLEP_TEST_KAFKA", "127.0.0.1:1"),
        ("SKLEP_TEST_MONGODB", "mongodb://user:secret@127.0.0.1:1/?replicaSet=rs0"),
    ]);
    assert!(output.contains("SKLEP_TEST_KAFKA does not answer: 127.0.0.1:1"), "{output}");
    assert!(output.contains("SKLEP_TEST_MONGODB does not answer: 127.0.0.1:1"), "{output}");
    assert!(!output.contains("secret"), "{output}");
}
