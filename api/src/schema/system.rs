//! How the shop is, for the people who run it.

use async_graphql::{Enum, SimpleObject};
use serde::{Deserialize, Serialize};

/// How the shop is, for the people who run it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, SimpleObject)]
#[serde(rename_all = "camelCase")]
pub struct System {
    /// The version of the program that answers.
    pub version: String,
    /// What the process that answers does: command, projector, query.
    pub roles: Vec<String>,
    /// Null when the log cannot be reached.
    pub log: Option<LogReport>,
    /// Null when the views cannot be reached, or have not been begun.
    pub views: Option<ViewsReport>,
    /// What keeps the shop from being as it should be, in words.
    pub troubles: Vec<String>,
}

/// How the log is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, SimpleObject)]
#[serde(rename_all = "camelCase")]
pub struct LogReport {
    /// Where it is.
    pub name: String,
    /// The log's id; null when nobody has begun it.
    pub id: Option<String>,
    /// The one currency of its prices and sums, by its code of ISO 4217; null when nobody has begun it.
    pub currency: Option<String>,
    /// How many partitions it has.
    pub partitions: u16,
    /// How many records it has, those that do not count among them.
    pub records: String,
    /// How many records do not count since their writer had been replaced or they are stored twice; null when that is
    /// not known without reading all of them, which `sklep doctor` does.
    pub void: Option<String>,
    /// How many records are not Sklep's; likewise.
    pub foreign: Option<String>,
    /// Who writes each partition, where that is known.
    pub writers: Vec<WriterReport>,
    /// What was found about the topic's contract; empty for an embedded log.
    pub contract: Vec<ContractFinding>,
}

/// Who writes a partition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, SimpleObject)]
#[serde(rename_all = "camelCase")]
pub struct WriterReport {
    /// Which partition.
    pub partition: u16,
    /// Counts the partition's writers.
    pub epoch: String,
    /// Where commands for it are taken; null when the writer has not said, as a lone instance does not.
    pub address: Option<String>,
}

/// One thing about the topic that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, SimpleObject)]
#[serde(rename_all = "camelCase")]
pub struct ContractFinding {
    /// Which thing, by a name that stays.
    pub check: String,
    /// How bad it is.
    pub severity: ContractSeverity,
    /// What was found.
    pub what: String,
    /// What follows from it.
    pub means: Option<String>,
    /// What to type.
    pub remedy: Option<String>,
}

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Enum)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ContractSeverity {
    /// As it should be.
    Fine,
    /// It works, but somebody should know.
    Doubtful,
    /// Sklep does not run on it.
    Wrong,
}

/// How the views are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, SimpleObject)]
#[serde(rename_all = "camelCase")]
pub struct ViewsReport {
    /// Where they are.
    pub name: String,
    /// Whether an operator wants projectors to leave the views as they are.
    pub paused: bool,
    /// Every complete or unfinished set of views, newest first.
    pub generations: Vec<GenerationReport>,
    /// What is stored of sets that nobody knows any more; `sklep rebuild --drop-orphans` removes it.
    pub orphans: Vec<String>,
}

/// One complete or unfinished set of views.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, SimpleObject)]
#[serde(rename_all = "camelCase")]
pub struct GenerationReport {
    /// Its name, which is in the names of its collections.
    pub name: String,
    /// Counts generations from 1.
    pub number: u64,
    /// What it is there for.
    pub part: GenerationPart,
    /// The version of the folds that made it.
    pub fold: u32,
    /// The version of its documents' shape.
    pub shape: u32,
    /// Records of the log that are not in it, over all partitions.
    pub lag: String,
    /// How many seconds the oldest of them has waited; 0 when there are none.
    pub lag_seconds: i32,
    /// How far it is.
    pub position: String,
    /// How many customers and products have an event in quarantine.
    pub parked: i32,
    /// Who feeds it, each with how many partitions.
    pub feeders: Vec<FeederReport>,
    /// The job that fills it.
    pub job: Option<JobReport>,
}

/// What a generation is there for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Enum)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum GenerationPart {
    /// Queries read it.
    Live,
    /// `sklep rollback` would make it live again.
    Back,
    /// A rebuild fills it.
    Filling,
    /// It is being removed.
    Dropping,
    /// None of these: nobody reads it.
    Spare,
}

/// Who feeds a generation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, SimpleObject)]
#[serde(rename_all = "camelCase")]
pub struct FeederReport {
    /// What it calls itself: address and process.
    pub instance: String,
    /// How many partitions it feeds.
    pub partitions: u16,
}

/// The job of a rebuild.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, SimpleObject)]
#[serde(rename_all = "camelCase")]
pub struct JobReport {
    /// Who runs it; null when it has not said so yet.
    pub instance: Option<String>,
    /// What it does, such as filling or verifying.
    pub phase: Option<String>,
    /// What an operator wants of it: run, pause or cancel.
    pub wish: String,
    /// The most events a second that it may take in; null for no limit.
    pub throttle: Option<u32>,
    /// Records taken in.
    pub done: String,
    /// Records to be taken in.
    pub all: String,
    /// Records taken in a second, lately.
    pub rate: String,
    /// At that rate; null when nothing goes on.
    pub seconds_left: Option<i32>,
}
