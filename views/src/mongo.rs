//! Views in `MongoDB`, by the protocol of `docs/views.md`.

mod amount;
mod build;
mod checkpoint;
mod claim;
mod collections;
mod commit;
mod control;
mod driver_message;
mod error;
mod fill;
mod heartbeat;
mod load;
mod options;
mod ports;
mod public_views;
mod read;
mod row;
mod scan;
mod search;

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use event_log::Partition;
use mongodb::{
    Client, ClientSession, Collection, Database,
    bson::{Document, doc},
};
use tokio::sync::watch;

use self::{
    checkpoint::CheckpointRow,
    control::ControlRow,
    error::{driver, not_a_replica_set, refused},
    heartbeat::HeartbeatRow,
    options::{ANSWER, within},
    row::Row,
};
use crate::{GenerationName, StoreError};

pub(crate) use self::row::{alone, key_of, raw};

/// The collection of the one control document.
const CONTROL: &str = "sklep_control";
/// The collection of the checkpoints.
const CHECKPOINTS: &str = "sklep_checkpoints";
/// The collection of what jobs say of themselves.
const PROGRESS: &str = "sklep_progress";

/// The session of the newest claim of a partition: its transactions, and nobody else's, may hold the checkpoint.
type Session = Arc<tokio::sync::Mutex<ClientSession>>;

/// Views in `MongoDB`.
pub struct MongoViews {
    client: Client,
    database: Database,
    sessions: Mutex<BTreeMap<(GenerationName, Partition), Session>>,
    commits: watch::Sender<u64>,
}

impl fmt::Debug for MongoViews {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The client would show its credentials.
        f.debug_struct("MongoViews")
            .field("database", &self.database.name())
            .finish_non_exhaustive()
    }
}

impl MongoViews {
    /// Names the database. Does not wait for the server: that may come later, and [`MongoViews::check`] asks it.
    pub async fn open(uri: &str, database: &str) -> Result<Arc<Self>, StoreError> {
        let options = options::client(uri).await?;
        let client =
            Client::with_options(options).map_err(|error| options::unusable(uri, &error))?;
        Ok(Arc::new(Self {
            database: client.database(database),
            client,
            sessions: Mutex::default(),
            commits: watch::Sender::default(),
        }))
    }

    /// Refuses a server that has no transactions or does not let this user in, with what to do about it. Waiting would
    /// change neither.
    pub async fn check(&self) -> Result<(), StoreError> {
        let hello = self.admin(doc! { "hello": 1 }).await.map_err(refused)?;
        let sharded = hello.get_str("msg").is_ok_and(|msg| msg == "isdbgrid");
        if !sharded && !hello.contains_key("setName") {
            return Err(not_a_replica_set());
        }
        self.command(doc! { "find": CONTROL, "limit": 1 }).await.map(drop).map_err(refused)
    }

    async fn admin(&self, command: Document) -> Result<Document, StoreError> {
        within(ANSWER, self.client.database("admin").run_command(command)).await
    }

    async fn command(&self, command: Document) -> Result<Document, StoreError> {
        within(ANSWER, self.database.run_command(command)).await
    }

    fn control_row(&self) -> Collection<ControlRow> {
        self.database.collection(CONTROL)
    }

    fn checkpoint_rows(&self) -> Collection<CheckpointRow> {
        self.database.collection(CHECKPOINTS)
    }

    fn progress_rows(&self) -> Collection<HeartbeatRow> {
        self.database.collection(PROGRESS)
    }

    fn rows<R: Row>(&self, generation: &GenerationName) -> Collection<R> {
        self.database.collection(&R::VIEW.collection(generation))
    }

    fn session(&self, generation: &GenerationName, partition: Partition) -> Option<Session> {
        let sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        sessions.get(&(generation.clone(), partition)).cloned()
    }

    fn set_session(
        &self,
        generation: &GenerationName,
        partition: Partition,
        session: Option<ClientSession>,
    ) {
        let key = (generation.clone(), partition);
        let session = session.map(|session| Arc::new(tokio::sync::Mutex::new(session)));
        let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        match session {
            Some(session) => sessions.insert(key, session),
            None => sessions.remove(&key),
        };
    }
}
