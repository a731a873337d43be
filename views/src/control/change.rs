//! Every change of control, purely: each makes the next control document, which a compare-and-set stores.

use std::collections::{BTreeMap, BTreeSet};

use event_log::{LogId, RecordId};

use super::{Control, DesiredState, Generation, GenerationName, GenerationState, Versions};

/// Why control cannot be changed so now.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ControlConflict {
    /// One rebuild at a time.
    #[error(
        "generation {0} is being filled already: `sklep rebuild` goes on with it when its job has gone silent, and \
         `sklep rebuild --cancel` gives it up"
    )]
    AlreadyFilling(GenerationName),
    /// There is no rebuild to be paused, cancelled or gone on with.
    #[error("no rebuild is in progress")]
    NoRebuild,
    /// Another job took over, or the rebuild was cancelled.
    #[error(
        "generation {0} is not this job's any more: another job has taken it over, it was cancelled, or later views have \
         replaced it"
    )]
    JobGone(GenerationName),
    /// There is no generation to go back to.
    #[error("there is no earlier generation to go back to")]
    NoBack,
    /// What is in use cannot be removed.
    #[error("generation {0} is the live one and cannot be removed")]
    IsLive(GenerationName),
    /// The generation is not there any more.
    #[error("generation {0} is not there")]
    Gone(GenerationName),
}

impl Control {
    /// The first control document: its one generation is being filled by this job, and nobody reads it yet.
    pub fn first(name: &GenerationName, log: LogId, versions: Versions, job: &str) -> Self {
        let generation = filling(1, log, versions, job);
        let generations = BTreeMap::from([(name.clone(), generation)]);
        let rev = first_rev(name, job);
        Self { rev, log, live: name.clone(), previous: None, generations, paused: false }
    }

    /// The generation that is being filled, when one is.
    pub fn filling(&self) -> Option<(&GenerationName, &Generation)> {
        self.generations.iter().find(|(_, it)| it.state == GenerationState::Filling)
    }

    /// Whether queries can read the live generation; not so while the first one is being filled.
    pub fn is_built(&self) -> bool {
        self.generations.get(&self.live).is_some_and(|it| it.state == GenerationState::Ready)
    }

    /// The number of the generation after all that are known.
    pub fn next_number(&self) -> u64 {
        let most = self.generations.values().map(|it| it.number).max();
        most.unwrap_or_default().saturating_add(1)
    }

    /// Adds a generation that this job fills.
    pub fn with_rebuild(
        &self,
        name: &GenerationName,
        log: LogId,
        versions: Versions,
        job: &str,
    ) -> Result<Self, ControlConflict> {
        if let Some((other, _)) = self.filling() {
            return Err(ControlConflict::AlreadyFilling(other.clone()));
        }
        let mut next = self.next();
        next.generations.insert(name.clone(), filling(self.next_number(), log, versions, job));
        Ok(next)
    }

    /// Has the job fill another generation, without these events too, in the place of the one that it fills, which is to
    /// be removed. What an operator wishes of the job stays.
    pub fn with_rebuild_anew(
        &self,
        old: &GenerationName,
        name: &GenerationName,
        job: &str,
        skips: &BTreeSet<RecordId>,
    ) -> Result<Self, ControlConflict> {
        self.must_be_filled_by(old, job)?;
        let number = self.next_number();
        let mut next = self.next();
        let outdated =
            next.generations.get_mut(old).ok_or_else(|| ControlConflict::Gone(old.clone()))?;
        let mut anew = Generation { number, ..outdated.clone() };
        anew.skips.extend(skips);
        outdated.state = GenerationState::Dropping;
        next.generations.insert(name.clone(), anew);
        Ok(next)
    }

    /// Hands the filling generation from one job to another.
    pub fn with_job(
        &self,
        name: &GenerationName,
        from: &str,
        to: &str,
    ) -> Result<Self, ControlConflict> {
        self.must_be_filled_by(name, from)?;
        self.with(name, |generation| generation.job = Some(to.to_owned()))
    }

    /// Tells the job of the filling generation what an operator wants.
    pub fn with_wish(&self, wish: DesiredState) -> Result<Self, ControlConflict> {
        let (name, _) = self.filling().ok_or(ControlConflict::NoRebuild)?;
        self.with(&name.clone(), |generation| generation.wish = wish)
    }

    /// Tells the job of the filling generation how fast it may be at most, in records a second.
    pub fn with_throttle(&self, throttle: Option<u32>) -> Result<Self, ControlConflict> {
        let (name, _) = self.filling().ok_or(ControlConflict::NoRebuild)?;
        self.with(&name.clone(), |generation| generation.throttle = throttle)
    }

    /// Tells projectors to leave the views as they are.
    #[must_use]
    pub fn with_projectors_paused(&self) -> Self {
        Self { paused: true, ..self.next() }
    }

    /// Tells projectors to go on.
    #[must_use]
    pub fn with_projectors_resumed(&self) -> Self {
        Self { paused: false, ..self.next() }
    }

    /// Makes the generation that this job has filled the live one. The one before stays to go back to; the one that
    /// was kept until now is to be removed.
    pub fn with_filled_live(
        &self,
        name: &GenerationName,
        job: &str,
    ) -> Result<Self, ControlConflict> {
        self.must_be_filled_by(name, job)?;
        let mut next = self.with(name, |generation| {
            generation.state = GenerationState::Ready;
            generation.job = None;
            generation.skips.clear();
        })?;
        if *name != self.live {
            // The first generation may have been given up before it was ever live.
            next.previous = self.is_built().then(|| self.live.clone());
            next.live = name.clone();
            if let Some(older) = self.previous.as_ref().and_then(|it| next.generations.get_mut(it))
            {
                older.state = GenerationState::Dropping;
            }
        }
        next.log = next.generations.get(name).map_or(self.log, |it| it.log);
        Ok(next)
    }

    /// Exchanges the live generation and the one to go back to.
    pub fn with_back_live(&self) -> Result<Self, ControlConflict> {
        let back = self.previous.clone().ok_or(ControlConflict::NoBack)?;
        let generation =
            self.generations.get(&back).ok_or_else(|| ControlConflict::Gone(back.clone()))?;
        let mut next = self.next();
        next.log = generation.log;
        next.previous = Some(self.live.clone());
        next.live = back;
        Ok(next)
    }

    /// Marks a generation to be removed: from now on nobody begins to read or feed it.
    pub fn with_dropping(&self, name: &GenerationName) -> Result<Self, ControlConflict> {
        if *name == self.live && self.is_built() {
            return Err(ControlConflict::IsLive(name.clone()));
        }
        let mut next =
            self.with(name, |generation| generation.state = GenerationState::Dropping)?;
        next.previous = next.previous.filter(|back| back != name);
        Ok(next)
    }

    /// Forgets a generation of which nothing is stored any more.
    pub fn without(&self, name: &GenerationName) -> Result<Self, ControlConflict> {
        let mut next = self.next();
        next.previous = next.previous.filter(|back| back != name);
        match next.generations.remove(name) {
            Some(gone) if gone.state == GenerationState::Dropping => Ok(next),
            Some(_) => Err(ControlConflict::IsLive(name.clone())),
            None => Err(ControlConflict::Gone(name.clone())),
        }
    }

    fn must_be_filled_by(&self, name: &GenerationName, job: &str) -> Result<(), ControlConflict> {
        let is_ours = self.generations.get(name).is_some_and(|it| {
            it.state == GenerationState::Filling && it.job.as_deref() == Some(job)
        });
        if is_ours { Ok(()) } else { Err(ControlConflict::JobGone(name.clone())) }
    }

    fn with(
        &self,
        name: &GenerationName,
        change: impl FnOnce(&mut Generation),
    ) -> Result<Self, ControlConflict> {
        let mut next = self.next();
        let generation = next.generations.get_mut(name);
        change(generation.ok_or_else(|| ControlConflict::Gone(name.clone()))?);
        Ok(next)
    }

    fn next(&self) -> Self {
        Self { rev: self.rev.saturating_add(1), ..self.clone() }
    }
}

/// Where revisions begin: somewhere else for each first control. Whoever was paused while everything was removed and
/// built anew would otherwise find the revision that he knows, and bring back what is gone.
fn first_rev(name: &GenerationName, job: &str) -> u64 {
    // FNV-1a (Fowler, Noll and Vo); 40 bits of it leave room to count on.
    let names = name.as_str().bytes().chain(job.bytes());
    let hash = names.fold(0xCBF2_9CE4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3)
    });
    (hash >> 24).max(1)
}

fn filling(number: u64, log: LogId, versions: Versions, job: &str) -> Generation {
    Generation {
        number,
        log,
        state: GenerationState::Filling,
        versions,
        job: Some(job.to_owned()),
        wish: DesiredState::Run,
        throttle: None,
        skips: BTreeSet::new(),
    }
}

#[cfg(test)]
mod tests;
