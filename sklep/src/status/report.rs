//! How log and views are, asked of the stores themselves.

mod generation;

use std::{collections::BTreeMap, sync::Arc};

use api::operator::{
    ContractFinding, ContractSeverity, GenerationReport, LogReport, System, ViewsReport,
    WriterReport,
};
use command::Commands;
use event_log::{
    EventLog, Follower, KafkaLog, KafkaSettings, LogError, LogIdentity, Offset, Partition,
    Position, Token, identity,
    kafka::contract::{self, Finding, Severity},
};
use futures::future::try_join_all;
use projector::{Projector, Status};
use views::{Control, Generation, GenerationName, GenerationState, Heartbeat, StoreError};

use self::generation::{feeders, job, part};
use crate::{
    clock,
    serve::{Appends, dispute},
    stores::StoreArgs,
    views_ops::Context,
};

/// Asks log and views how they are.
#[derive(Debug, Clone)]
pub(crate) struct Reporter {
    pub(crate) ground: Context,
    /// What the log is called in messages.
    pub(crate) log: String,
    /// What the views are called; none where nobody is asked about views.
    pub(crate) views: Option<String>,
    /// How to reach the topic; none for an embedded log.
    pub(crate) kafka: Option<KafkaSettings>,
    /// What this process has read of the log, where it follows it.
    pub(crate) follower: Option<Follower>,
    /// What decides commands in this process, where something does.
    pub(crate) commands: Option<Arc<Commands>>,
    /// What feeds the views in this process, where something does.
    pub(crate) projector: Option<Arc<Projector>>,
    /// What this process does.
    pub(crate) roles: Vec<String>,
    /// What becomes of what this process appends, where it does.
    pub(crate) appends: Option<Arc<Appends>>,
}

impl Reporter {
    /// For log and views that are looked at beside the shop, as they are.
    pub(crate) async fn beside(args: &StoreArgs) -> anyhow::Result<Self> {
        let named = args.views.name().await?;
        let kafka = args.log.kafka.settings(None)?;
        args.log.must_exist().await?;
        let log: Arc<dyn EventLog> = match kafka.clone() {
            Some(settings) => KafkaLog::open_as_it_is(settings).await?,
            None => args.log.open(None).await?,
        };
        let name = args.log.name();
        let Some(identity) = identity::recorded(&*log).await? else {
            return Err(args.log.not_begun().await);
        };
        let has_views = args.views.mongodb.is_some();
        let ground = Context { log, identity, store: named.into_store(), instance: String::new() };
        let views = has_views.then(|| args.views.told());
        Ok(Self {
            ground,
            log: name,
            views,
            kafka,
            follower: None,
            commands: None,
            projector: None,
            roles: Vec::new(),
            appends: None,
        })
    }

    /// How everything is. What cannot be reached is among the troubles.
    pub(crate) async fn system(&self) -> System {
        let mut troubles = Vec::new();
        let ends = kept(self.ends().await, "the log", &mut troubles);
        let views = match (&ends, &self.views) {
            (Some(ends), Some(name)) => {
                kept(self.views(name, ends).await, "the views", &mut troubles)
            }
            (None, _) | (_, None) => None,
        };
        let contract = match &self.kafka {
            Some(settings) => kept(
                contract::examine_log(settings, self.ground.identity.partitions).await,
                "the topic",
                &mut troubles,
            ),
            None => None,
        };
        let contract = contract.unwrap_or_default();
        troubles.extend(
            contract.iter().filter(|it| it.severity == Severity::Refuses).map(ToString::to_string),
        );
        let refusal = self.appends.as_ref().and_then(|appends| appends.refusal());
        troubles.extend(refusal.map(|why| format!("the log: {why}")));
        let exhausted = self.follower.as_ref().and_then(Follower::exhausted);
        troubles.extend(exhausted.map(|why| format!("the log: {why}")));
        troubles.extend(self.dispute().map(|trouble| format!("commands: {trouble}")));
        let log = ends.map(|ends| self.log(&ends, contract));
        if views.as_ref().is_some_and(|views| views.generations.is_empty()) {
            troubles.push("the views have not been begun".into());
        }
        // One that waits goes on by itself.
        let feeds = self.projector.as_ref().map(|it| it.status()).filter(Status::stopped);
        let stopped = feeds.and_then(|status| status.trouble());
        troubles.extend(stopped.map(|trouble| format!("the projector: {trouble}")));
        let version = env!("CARGO_PKG_VERSION").to_owned();
        System { version, roles: self.roles.clone(), log, views, troubles }
    }

    fn dispute(&self) -> Option<String> {
        let takeovers = self.commands.as_ref()?.takeovers();
        dispute(&takeovers, self.ground.identity.partitions)
    }

    async fn ends(&self) -> Result<BTreeMap<Partition, Offset>, LogError> {
        let Context { log, identity, .. } = &self.ground;
        let end = |partition| async move { Ok((partition, log.end(partition).await?)) };
        let ends: Vec<_> = try_join_all(Partition::all(identity.partitions).map(end)).await?;
        Ok(ends.into_iter().collect())
    }

    fn log(&self, ends: &BTreeMap<Partition, Offset>, contract: Vec<Finding>) -> LogReport {
        let LogIdentity { id, partitions, settings } = self.ground.identity;
        let tallies = self.follower.as_ref().map(|follower| {
            Partition::all(partitions).map(|it| follower.tally(it)).collect::<Vec<_>>()
        });
        let sum = |of: fn(&event_log::RecordCounts) -> u64| {
            let all = tallies.as_ref()?.iter().map(of).fold(0, u64::saturating_add);
            Some(all.to_string())
        };
        let routes = self.follower.iter().flat_map(|follower| {
            Partition::all(partitions).filter_map(|it| Some((it, follower.route(it)?)))
        });
        LogReport {
            name: self.log.clone(),
            id: Some(id.to_string()),
            currency: Some(settings.currency.code().into()),
            partitions,
            records: ends.values().copied().fold(0, u64::saturating_add).to_string(),
            void: sum(|tally| tally.void),
            foreign: sum(|tally| tally.foreign),
            writers: routes
                .map(|(partition, route)| WriterReport {
                    partition: partition.0,
                    epoch: route.epoch.to_string(),
                    address: route.address.map(|it| it.to_string()),
                })
                .collect(),
            contract: contract.into_iter().map(finding).collect(),
        }
    }

    async fn views(
        &self,
        name: &str,
        ends: &BTreeMap<Partition, Offset>,
    ) -> Result<ViewsReport, StoreError> {
        let store = &*self.ground.store;
        // First what is stored, then what is known: see the sweep of orphans.
        let stored = store.stored_generations().await?;
        let control = store.find_control().await?;
        let beats = store.beats().await?;
        let generations =
            control.iter().flat_map(|it| it.generations.iter().map(move |of| (it, of)));
        let reports = generations.map(|(control, (name, generation))| {
            self.generation(control, name, generation, &beats, ends)
        });
        let mut generations: Vec<_> = try_join_all(reports).await?;
        generations.sort_by_key(|it| std::cmp::Reverse(it.number));
        let known = |name: &GenerationName| {
            control.as_ref().is_some_and(|control| control.generations.contains_key(name))
        };
        Ok(ViewsReport {
            name: name.to_owned(),
            paused: control.as_ref().is_some_and(|control| control.paused),
            generations,
            orphans: stored.iter().filter(|name| !known(name)).map(ToString::to_string).collect(),
        })
    }

    async fn generation(
        &self,
        control: &Control,
        name: &GenerationName,
        generation: &Generation,
        beats: &[Heartbeat],
        ends: &BTreeMap<Partition, Offset>,
    ) -> Result<GenerationReport, StoreError> {
        let store = &*self.ground.store;
        // One that is being removed may have none any more.
        let checkpoints = match store.checkpoints(name).await {
            Err(StoreError::GenerationGone | StoreError::NotBuilt) => BTreeMap::new(),
            checkpoints => checkpoints?,
        };
        let at = |partition: &Partition| checkpoints.get(partition).map_or(0, |it| it.at);
        let lag: Vec<u64> = ends.iter().map(|(it, end)| end.saturating_sub(at(it))).collect();
        // Of another log nothing can be said.
        let behind = ends
            .iter()
            .filter(|(it, end)| generation.log == self.ground.identity.id && at(it) < **end);
        let first_missing = behind.map(|(it, _)| (*it, at(it))).collect();
        let mut position = Position::start(generation.log);
        for (partition, it) in &checkpoints {
            position.see(*partition, it.at);
        }
        let parked = checkpoints.values().map(|it| it.parked).fold(0, u64::saturating_add);
        Ok(GenerationReport {
            name: name.to_string(),
            number: generation.number,
            part: part(control, name, generation.state),
            fold: generation.versions.fold,
            shape: generation.versions.shape,
            lag: lag.into_iter().fold(0, u64::saturating_add).to_string(),
            lag_seconds: self.waited(first_missing).await,
            position: Token::from(position).to_string(),
            parked: i32::try_from(parked).unwrap_or(i32::MAX),
            feeders: feeders(store.feeders(name).await?),
            job: (generation.state == GenerationState::Filling)
                .then(|| job(name, generation, beats)),
        })
    }

    /// How many seconds the oldest of these records has waited, as well as can be known.
    async fn waited(&self, first: BTreeMap<Partition, Offset>) -> i32 {
        let mut oldest: Option<i64> = None;
        for (partition, at) in first {
            let record = self.ground.log.read(partition, at, 1).await;
            let time = record.ok().and_then(|it| it.first().map(|it| it.record.timestamp));
            oldest = oldest.into_iter().chain(time).min();
        }
        let waited = oldest.map_or(0, |oldest| clock::now().0.saturating_sub(oldest).max(0));
        i32::try_from(waited.checked_div(1_000).unwrap_or_default()).unwrap_or(i32::MAX)
    }
}

fn kept<T, E: std::error::Error>(
    asked: Result<T, E>,
    what: &str,
    troubles: &mut Vec<String>,
) -> Option<T> {
    asked
        .inspect_err(|error| {
            let cause = error.source().map(|cause| format!(": {cause}")).unwrap_or_default();
            troubles.push(format!("{what}: {error}{cause}"));
        })
        .ok()
}

fn finding(found: Finding) -> ContractFinding {
    let Finding { check, severity, what, means, remedy } = found;
    let severity = match severity {
        Severity::Fine => ContractSeverity::Fine,
        Severity::Warns => ContractSeverity::Doubtful,
        Severity::Refuses => ContractSeverity::Wrong,
    };
    ContractFinding { check: check.into(), severity, what, means, remedy }
}
