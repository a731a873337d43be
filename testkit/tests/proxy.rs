//! The proxy forwards, and misbehaves as told.

#![expect(clippy::unwrap_used, reason = "what the helpers of a test cannot do fails the test")]

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use testkit::Proxy;

/// A server which answers every byte with the same byte and tells what it received.
fn echo() -> (String, Receiver<u8>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let (heard, received) = channel();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let (mut stream, heard) = (stream.unwrap(), heard.clone());
            thread::spawn(move || {
                let mut byte = [0];
                while stream.read_exact(&mut byte).is_ok() {
                    // The test may have ended.
                    let _ = heard.send(byte[0]);
                    let _ = stream.write_all(&byte);
                }
            });
        }
    });
    (address, received)
}

fn connect(proxy: &Proxy) -> TcpStream {
    let stream = TcpStream::connect(proxy.address()).unwrap();
    stream.set_read_timeout(Some(Duration::from_millis(300))).unwrap();
    stream
}

fn answer(mut stream: &TcpStream) -> Result<u8, ErrorKind> {
    let mut byte = [0];
    stream.read_exact(&mut byte).map(|()| byte[0]).map_err(|error| error.kind())
}

fn ask(mut stream: &TcpStream, byte: u8) -> Result<u8, ErrorKind> {
    stream.write_all(&[byte]).map_err(|error| error.kind())?;
    answer(stream)
}

#[test]
fn a_healthy_proxy_forwards_both_ways_and_passes_the_end_on() {
    let (address, _received) = echo();
    let proxy = Proxy::start(&address).unwrap();
    let stream = connect(&proxy);
    assert_eq!(ask(&stream, 1), Ok(1));
    assert_eq!(proxy.connections(), 1);
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    assert_eq!(answer(&stream), Err(ErrorKind::UnexpectedEof));
}

#[test]
fn cut_ends_connections_and_welcomes_new_ones() {
    let (address, _received) = echo();
    let proxy = Proxy::start(&address).unwrap();
    let old = connect(&proxy);
    assert_eq!(ask(&old, 1), Ok(1));
    proxy.cut();
    assert!(ask(&old, 2).is_err());
    assert_eq!(ask(&connect(&proxy), 3), Ok(3));
}

#[test]
fn refuse_ends_new_connections_until_healed() {
    let (address, _received) = echo();
    let proxy = Proxy::start(&address).unwrap();
    let old = connect(&proxy);
    assert_eq!(ask(&old, 1), Ok(1));
    proxy.refuse();
    assert!(ask(&connect(&proxy), 2).is_err());
    assert_eq!(ask(&old, 3), Ok(3));
    proxy.heal();
    assert_eq!(ask(&connect(&proxy), 4), Ok(4));
}

#[test]
fn stall_holds_everything_back_until_healed() {
    let (address, received) = echo();
    let proxy = Proxy::start(&address).unwrap();
    let stream = connect(&proxy);
    assert_eq!(ask(&stream, 1), Ok(1));
    proxy.stall();
    assert_eq!(ask(&stream, 2), Err(ErrorKind::WouldBlock));
    assert_eq!(received.try_iter().collect::<Vec<_>>(), [1]);
    proxy.heal();
    assert_eq!(answer(&stream), Ok(2));
}

#[test]
fn an_answer_lost_on_the_way_leaves_the_request_done() {
    let (address, received) = echo();
    let proxy = Proxy::start(&address).unwrap();
    let stream = connect(&proxy);
    proxy.stall_replies();
    assert_eq!(ask(&stream, 1), Err(ErrorKind::WouldBlock));
    assert_eq!(received.recv(), Ok(1));
    proxy.cut();
    proxy.heal();
    assert_eq!(answer(&stream), Err(ErrorKind::UnexpectedEof));
    assert_eq!(ask(&connect(&proxy), 2), Ok(2));
}

#[test]
fn a_dropped_proxy_cuts_and_no_longer_listens() {
    let (address, _received) = echo();
    let proxy = Proxy::start(&address).unwrap();
    let stream = connect(&proxy);
    assert_eq!(ask(&stream, 1), Ok(1));
    let gone = proxy.address();
    drop(proxy);
    assert!(ask(&stream, 2).is_err());
    while TcpStream::connect(&gone).is_ok() {
        thread::yield_now();
    }
}
