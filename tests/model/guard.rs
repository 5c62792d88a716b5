//! What keeps the promises: every guard of the protocol by its name, so that each can be taken away and missed.

use clap::ValueEnum;

/// One guard. The database holds the conditions, the programs hold the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, ValueEnum)]
pub(crate) enum Guard {
    /// Opening: the connection has no slot yet.
    Slot,
    /// A start sends a message only for the run that it has just opened.
    OnlyNewIsSent,
    /// Claiming: the run is queued, or its lease has ended.
    Claim,
    /// Completing and giving back: the run is still running, and with this attempt.
    Attempt,
    /// Completing: the report follows the latest completed run of its identity.
    Latest,
    /// The report is written by the transaction that completes the run.
    ReportWithRun,
    /// The message of a held run is given back, on its last receive too.
    HeldIsNotAcknowledged,
    /// The last receive ends the run whatever the trouble.
    LastReceiveEnds,
    /// The queue hides a message for longer than a lease lasts.
    VisibilityOutlastsLease,
    /// Interrupting: the run is exactly as the reconciler has read it.
    AsRead,
    /// The due time moves before anything is sent.
    DueMovesFirst,
    /// Moving the due time: the slot still names the run.
    DueOfThisRun,
    /// Moving the due time: nobody has moved it since it was read.
    DueAsRead,
    /// Freeing a slot: it still names the run that has ended.
    FreeAsRead,
    /// There is a reconciler at all.
    Reconciler,
}
