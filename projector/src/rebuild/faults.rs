//! Faults that can be planted into a rebuild, to show that the searches find them.
//!
//! Only with the feature `planted-faults`; without it every question here is answered no.

/// A way to get the protocol wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(
    not(feature = "planted-faults"),
    expect(unreachable_pub, reason = "re-exported with the feature")
)]
pub enum Fault {
    /// A fill takes in all that the log has, and not only what lies before the checkpoint's `to`.
    NoFillTo,
    /// The new generation is made live without a look at how far the live one is.
    FlipUnread,
    /// A generation's collections are removed as soon as nobody begins to read them any more.
    NoLease,
    /// The search for orphans reads control before it lists what is stored.
    ControlBeforeNames,
    /// A generation that is begun anew because of skipped events does not leave them out.
    NoSkips,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(crate) struct Faults {
    #[cfg(feature = "planted-faults")]
    planted: Option<Fault>,
}

impl Faults {
    #[cfg(feature = "planted-faults")]
    fn has(self, fault: Fault) -> bool {
        self.planted == Some(fault)
    }

    #[cfg(not(feature = "planted-faults"))]
    #[expect(clippy::unused_self, reason = "the same call as with the feature")]
    fn has(self, _: Fault) -> bool {
        false
    }

    pub(crate) fn ignores_fill_to(self) -> bool {
        self.has(Fault::NoFillTo)
    }

    pub(crate) fn flips_unread(self) -> bool {
        self.has(Fault::FlipUnread)
    }

    pub(crate) fn ignores_lease(self) -> bool {
        self.has(Fault::NoLease)
    }

    pub(crate) fn reads_control_first(self) -> bool {
        self.has(Fault::ControlBeforeNames)
    }

    pub(crate) fn ignores_skips(self) -> bool {
        self.has(Fault::NoSkips)
    }
}

#[cfg(feature = "planted-faults")]
mod planted {
    use std::{collections::BTreeSet, sync::Arc};

    use event_log::{EventLog, LogIdentity};
    use tokio::sync::watch;
    use tokio_util::sync::CancellationToken;
    use views::{GenerationName, ViewStore};

    use super::{Fault, Faults};
    use crate::rebuild::{Job, Progress, RebuildError, RebuildSettings, Rebuilt, removal};

    /// [`crate::rebuild()`] with a fault.
    pub async fn rebuild_with(
        log: &Arc<dyn EventLog>,
        identity: LogIdentity,
        store: &Arc<dyn ViewStore>,
        settings: RebuildSettings,
        shutdown: &CancellationToken,
        fault: Option<Fault>,
    ) -> Result<Rebuilt, RebuildError> {
        let (progress, faults) =
            (watch::Sender::new(Progress::default()), Faults { planted: fault });
        Job::asked_for(log, identity, store, settings, progress, faults).run(shutdown).await
    }

    /// [`crate::drop_previous`] with a fault.
    pub async fn drop_previous_with(
        store: &Arc<dyn ViewStore>,
        fault: Option<Fault>,
    ) -> Result<GenerationName, RebuildError> {
        removal::drop_previous_as(&**store, Faults { planted: fault }).await
    }

    /// [`crate::drop_orphans`] with a fault.
    pub async fn drop_orphans_with(
        store: &Arc<dyn ViewStore>,
        fault: Option<Fault>,
    ) -> Result<BTreeSet<GenerationName>, RebuildError> {
        removal::drop_orphans_as(&**store, Faults { planted: fault }).await
    }
}

#[cfg(feature = "planted-faults")]
pub use planted::{drop_orphans_with, drop_previous_with, rebuild_with};
