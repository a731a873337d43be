//! Faults that can be planted into a writer, to show that the searches find them.
//!
//! Only with the feature `planted-faults`; without it every question here is answered no.

use event_log::{Ledger, Offset, Verdict, WriterClaim};

/// A way to get the protocol wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(
    not(feature = "planted-faults"),
    expect(unreachable_pub, reason = "re-exported with the feature")
)]
pub enum Fault {
    /// A record counts for this writer though an earlier sequence is missing.
    NoContiguityCheck,
    /// An own record is taken at the offset that was delivered, whatever stands before it.
    AnswerAcrossGap,
    /// The writer serves once its `WriterStarted` is acknowledged, without reading up to it.
    ServeOnAcknowledgement,
    /// A `WriterStarted` of the epoch in force counts for this writer.
    AcceptEqualEpoch,
    /// A refusal is answered at once, though it rests on events that are not confirmed.
    RefuseOnUnconfirmed,
    /// A doubt is taken as settled at the end that was fetched, not at the `WriterStarted` after it.
    SettleFromLaggingRead,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(super) struct Faults {
    #[cfg(feature = "planted-faults")]
    planted: Option<Fault>,
}

impl Faults {
    #[cfg(feature = "planted-faults")]
    pub(super) fn planted(fault: Fault) -> Self {
        Self { planted: Some(fault) }
    }

    #[cfg(feature = "planted-faults")]
    fn has(self, fault: Fault) -> bool {
        self.planted == Some(fault)
    }

    #[cfg(not(feature = "planted-faults"))]
    #[expect(clippy::unused_self, reason = "the same call as with the feature")]
    fn has(self, _: Fault) -> bool {
        false
    }

    /// The ledger's verdict, with the faults that concern the ledger.
    pub(super) fn judge(self, ledger: &mut Ledger, claim: Option<WriterClaim>) -> Verdict {
        match claim {
            Some(WriterClaim::Follows(stamp))
                if self.has(Fault::NoContiguityCheck)
                    && (stamp.epoch, Some(stamp.writer)) == (ledger.epoch, ledger.writer) =>
            {
                ledger.sequence = ledger.sequence.max(stamp.sequence.saturating_sub(1));
            }
            Some(WriterClaim::Starts { epoch, .. })
                if self.has(Fault::AcceptEqualEpoch) && epoch == ledger.epoch =>
            {
                ledger.epoch = epoch.saturating_sub(1);
            }
            Some(WriterClaim::Follows(_) | WriterClaim::Starts { .. }) | None => {}
        }
        ledger.judge(claim)
    }

    pub(super) fn answers_across(self, delivered: Offset, next: Offset) -> bool {
        self.has(Fault::AnswerAcrossGap) && delivered > next
    }

    pub(super) fn serves_on_acknowledgement(self) -> bool {
        self.has(Fault::ServeOnAcknowledgement)
    }

    pub(super) fn refuses_on_unconfirmed(self) -> bool {
        self.has(Fault::RefuseOnUnconfirmed)
    }

    pub(super) fn settles_from_lagging_read(self) -> bool {
        self.has(Fault::SettleFromLaggingRead)
    }
}
