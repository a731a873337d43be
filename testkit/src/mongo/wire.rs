//! Just enough of MongoDB's wire protocol to make a replica set.
//!
//! One command goes out as an `OP_MSG` with one BSON document, one reply comes back. This spares
//! the kit the `mongodb` crate, which most of its users do not need.
//! Formats: <https://www.mongodb.com/docs/manual/reference/mongodb-wire-protocol/> and
//! <https://bsonspec.org/spec.html>.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

const OP_MSG: i32 = 2013;
const HEADER: usize = 16;
/// The initiation writes the configuration to the disk, which may be busy.
const REPLY: Duration = Duration::from_secs(30);

/// Makes the server the only member of the replica set `rs0`.
pub(super) fn initiate(address: &str) -> Result<()> {
    let member = document(&[int("_id", 0), text("host", address)]);
    let members = document(&[element(DOCUMENT, "0", &member)]);
    let set = document(&[text("_id", "rs0"), element(ARRAY, "members", &members)]);
    let reply = run(address, &[element(DOCUMENT, "replSetInitiate", &set)])?;
    if !contains(&reply, &element(DOUBLE, "ok", &1_f64.to_le_bytes())) {
        bail!("replSetInitiate was refused: {}", String::from_utf8_lossy(&reply));
    }
    Ok(())
}

/// Tells whether the server takes writes.
pub(super) fn is_primary(address: &str) -> Result<bool> {
    let reply = run(address, &[int("hello", 1)])?;
    Ok(contains(&reply, &element(BOOLEAN, "isWritablePrimary", &[1])))
}

/// Runs a command on the `admin` database and gives the reply's bytes. Searching them for a
/// field's bytes is enough here, so there is no decoder.
fn run(address: &str, command: &[Vec<u8>]) -> Result<Vec<u8>> {
    let body = document(&[command, &[text("$db", "admin")]].concat());
    // Header: length, request id, the id it answers, kind. Then flags, and a section of kind 0.
    let length = size(&[HEADER, 4, 1, body.len()]);
    let message = [&length[..], &[0; 8], &OP_MSG.to_le_bytes(), &[0; 4], &[0], &body].concat();
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(REPLY))?;
    stream.write_all(&message)?;
    let mut length = [0; 4];
    stream.read_exact(&mut length)?;
    let rest =
        usize::try_from(i32::from_le_bytes(length))?.checked_sub(4).context("short reply")?;
    let mut reply = vec![0; rest];
    stream.read_exact(&mut reply).context("mongod does not reply")?;
    Ok(reply)
}

const DOUBLE: u8 = 1;
const STRING: u8 = 2;
const DOCUMENT: u8 = 3;
const ARRAY: u8 = 4;
const BOOLEAN: u8 = 8;
const INT32: u8 = 16;

fn document(elements: &[Vec<u8>]) -> Vec<u8> {
    let elements = elements.concat();
    [&size(&[4, elements.len(), 1])[..], &elements, &[0]].concat()
}

fn int(name: &str, value: i32) -> Vec<u8> {
    element(INT32, name, &value.to_le_bytes())
}

fn text(name: &str, value: &str) -> Vec<u8> {
    let value = [&size(&[value.len(), 1])[..], value.as_bytes(), &[0]].concat();
    element(STRING, name, &value)
}

fn element(kind: u8, name: &str, value: &[u8]) -> Vec<u8> {
    [&[kind], name.as_bytes(), &[0], value].concat()
}

fn size(parts: &[usize]) -> [u8; 4] {
    i32::try_from(parts.iter().sum::<usize>()).unwrap_or(i32::MAX).to_le_bytes()
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}
