//! The ports of the views on the simulated database.

mod read;

use std::collections::{BTreeMap, BTreeSet};

use event_log::{Offset, Partition};
use futures::{FutureExt, future::BoxFuture};
use rand::seq::SliceRandom as _;
use views::{
    Checkpoint, Commit, CommitError, Control, Document, FeedClaim, GenerationName, Heartbeat, Key,
    StoreError, View, ViewBuild, ViewFeed,
};

use super::{
    simulated_store::{SimulatedStore, Step},
    world::{IDENTITY, Inner},
};

impl ViewFeed for SimulatedStore {
    fn claim<'a>(
        &'a self,
        generation: &'a GenerationName,
        partition: Partition,
        _instance: &'a str,
    ) -> BoxFuture<'a, Result<FeedClaim, StoreError>> {
        let name = generation.clone();
        async move {
            self.ask(
                || format!("claim {generation}/{partition}"),
                move |inner| inner.claim(&name, partition),
            )
            .await?
        }
        .boxed()
    }

    fn load<'a>(
        &'a self,
        generation: &'a GenerationName,
        keys: &'a [Key],
    ) -> BoxFuture<'a, Result<Vec<Document>, StoreError>> {
        let (name, wanted) = (generation.clone(), keys.to_vec());
        async move {
            self.ask(
                || format!("load {} of {generation}", keys.len()),
                move |inner| {
                    let found = wanted.iter().filter_map(|key| inner.database.document(&name, key));
                    found.cloned().collect()
                },
            )
            .await
        }
        .boxed()
    }

    fn commit<'a>(&'a self, commit: &'a Commit) -> BoxFuture<'a, Result<u64, CommitError>> {
        let whole = commit.clone();
        async move {
            let Commit { generation, partition, checkpoint, changes } = commit;
            let done = self.ask(
                || {
                    let (at, rev) = (checkpoint.at, checkpoint.rev);
                    format!(
                        "commit {} to {generation}/{partition} at {at} rev {rev}",
                        changes.len()
                    )
                },
                move |inner| inner.commit(&whole),
            );
            let rev = done.await.map_err(unavailable)??;
            self.process.commits.send_modify(|count| *count += 1);
            Ok(rev)
        }
        .boxed()
    }
}

impl ViewBuild for SimulatedStore {
    fn find_control(&self) -> BoxFuture<'_, Result<Option<Control>, StoreError>> {
        async move { self.ask(|| "control".into(), |inner| inner.database.control.clone()).await }
            .boxed()
    }

    fn insert_control<'a>(
        &'a self,
        control: &'a Control,
    ) -> BoxFuture<'a, Result<bool, StoreError>> {
        let first = control.clone();
        async move {
            self.ask(
                || format!("insert control of {}", control.live),
                move |inner| inner.insert_control(first),
            )
            .await
        }
        .boxed()
    }

    fn replace_control<'a>(
        &'a self,
        control: &'a Control,
    ) -> BoxFuture<'a, Result<bool, StoreError>> {
        // A call may arrive when its caller has given it up, looked again and asked anew.
        let look = self.world.with(|inner| inner.audit.look_of(&self.process.name));
        let next = control.clone();
        async move {
            self.ask(
                || {
                    let states = control.generations.iter();
                    let states: Vec<String> =
                        states.map(|(name, it)| format!("{name} {:?}", it.state)).collect();
                    format!("replace control {}: live {}, {states:?}", control.rev, control.live)
                },
                move |inner| inner.replace_control(look.as_ref(), &next),
            )
            .await
        }
        .boxed()
    }

    fn create<'a>(
        &'a self,
        generation: &'a GenerationName,
        ends: &'a BTreeMap<Partition, Offset>,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        let collections = View::ALL.map(|view| {
            let name = generation.clone();
            step(move |inner| {
                let collections = inner.database.collections.entry(name);
                collections.or_default().entry(view).or_default();
            })
        });
        let checkpoints = ends.clone().into_iter().map(|(partition, end)| {
            let name = generation.clone();
            step(move |inner| inner.create_checkpoint(&name, partition, end))
        });
        let steps = collections.into_iter().chain(checkpoints).collect();
        async move { self.call(|| format!("create {generation}"), steps).await }.boxed()
    }

    fn fill<'a>(
        &'a self,
        generation: &'a GenerationName,
        documents: Vec<Document>,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        let mut documents = documents;
        // They are inserted in no order.
        self.world.with(|inner| documents.shuffle(&mut inner.chance));
        let count = documents.len();
        let steps = documents.into_iter().map(|document| {
            let (name, process) = (generation.clone(), self.process.name.clone());
            step(move |inner| inner.fill(&process, &name, document))
        });
        let steps = steps.collect();
        async move { self.call(|| format!("fill {count} of {generation}"), steps).await }.boxed()
    }

    fn create_indexes<'a>(
        &'a self,
        generation: &'a GenerationName,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        let name = generation.clone();
        async move {
            self.ask(
                || format!("create indexes of {generation}"),
                move |inner| {
                    inner.database.indexed.insert(name);
                },
            )
            .await
        }
        .boxed()
    }

    fn move_checkpoint<'a>(
        &'a self,
        generation: &'a GenerationName,
        partition: Partition,
        checkpoint: &'a Checkpoint,
    ) -> BoxFuture<'a, Result<u64, CommitError>> {
        let (name, next) = (generation.clone(), *checkpoint);
        async move {
            let moved = self.ask(
                || {
                    let Checkpoint { rev, at, mode, .. } = checkpoint;
                    format!("move {generation}/{partition} to {at} {mode:?} rev {rev}")
                },
                move |inner| inner.move_checkpoint(&name, partition, &next),
            );
            moved.await.map_err(unavailable)?
        }
        .boxed()
    }

    fn repoint<'a>(
        &'a self,
        generation: &'a GenerationName,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        let name = generation.clone();
        async move {
            self.ask(
                || format!("point names at {generation}"),
                move |inner| inner.database.names = Some(name),
            )
            .await
        }
        .boxed()
    }

    fn stored_generations(&self) -> BoxFuture<'_, Result<BTreeSet<GenerationName>, StoreError>> {
        async move { self.ask(|| "stored".into(), |inner| inner.database.stored()).await }.boxed()
    }

    fn remove_checkpoints<'a>(
        &'a self,
        generation: &'a GenerationName,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        let steps = Partition::all(IDENTITY.partitions).map(|partition| {
            let name = generation.clone();
            step(move |inner| inner.remove_checkpoint(&name, partition))
        });
        let steps = steps.collect();
        async move { self.call(|| format!("remove checkpoints of {generation}"), steps).await }
            .boxed()
    }

    fn remove_collections<'a>(
        &'a self,
        generation: &'a GenerationName,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        let steps = View::ALL.map(|view| {
            let name = generation.clone();
            step(move |inner| inner.remove_collection(&name, view))
        });
        async move {
            self.call(|| format!("remove collections of {generation}"), steps.into()).await
        }
        .boxed()
    }

    fn beat<'a>(&'a self, beat: &'a Heartbeat) -> BoxFuture<'a, Result<(), StoreError>> {
        let said = beat.clone();
        async move {
            let what = || format!("beat {} of {}", beat.count, beat.generation);
            self.ask(what, move |inner| {
                inner.database.beats.insert(said.generation.clone(), said);
            })
            .await
        }
        .boxed()
    }

    fn beats(&self) -> BoxFuture<'_, Result<Vec<Heartbeat>, StoreError>> {
        async move {
            let all = |inner: &mut Inner| inner.database.beats.values().cloned().collect();
            self.ask(|| "beats".into(), all).await
        }
        .boxed()
    }
}

fn step(act: impl FnOnce(&mut Inner) + Send + 'static) -> Step<()> {
    Box::new(act)
}

fn unavailable(error: StoreError) -> CommitError {
    CommitError::Unavailable(Box::new(error))
}

/// The simulated clients ask for documents by key alone: pages are no matter of the protocol.
fn not_asked() -> StoreError {
    StoreError::Unfit("nobody asks for this in the simulation".into())
}
