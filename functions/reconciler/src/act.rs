//! What is done about one run. Its entry is moved on first, on the condition that it is still where it was seen: of two that look at
//! the same run one does something, and whatever fails is not tried again at once.

use domain::operation_run::{Interruption, OperationRun, RunHeader};
use domain::time::Timestamp;
use ending::{Ended, Ending, Interrupter};
use runtime::Chain;
use store::{ActiveEntry, Damaged, Moved};

use crate::app::App;

/// What is to be done about the run of an entry.
pub(crate) struct Plan {
    pub(crate) entry: ActiveEntry,
    /// Since when nobody will have heard of the run.
    pub(crate) heard: Timestamp,
    pub(crate) act: Act,
}

/// What is done once the entry is moved on.
#[allow(clippy::large_enum_variant, reason = "most of them hold a run")]
pub(crate) enum Act {
    Nothing,
    Send(RunHeader),
    Interrupt(OperationRun, Interruption),
    /// The run is completed or gone: nobody needs the slot.
    Free,
    /// It cannot be read, and may become readable again when a newer program comes back.
    KeepAnEyeOn(Option<Damaged>),
}

/// What was done.
pub(crate) enum Acted {
    Nothing,
    /// The entry is moved on: now the message may be sent.
    ToSend(Box<RunHeader>),
    Interrupted,
    Freed,
    Unreadable,
    Failed,
}

impl Plan {
    /// Does it, and tells the log once what is worth telling.
    pub(crate) async fn follow(self, app: &App, now: Timestamp) -> Acted {
        let slot = self.entry.slot();
        match self.try_to_follow(app, now).await {
            Ok(acted) => acted,
            Err(error) => {
                tracing::error!(slot, error = %Chain(error.as_ref()), "a run could not be looked after");
                Acted::Failed
            }
        }
    }

    async fn try_to_follow(self, app: &App, now: Timestamp) -> Result<Acted, runtime::BoxError> {
        let Plan { entry, heard, act } = self;
        if let Act::KeepAnEyeOn(damaged) = act {
            return keep_an_eye_on(app, &entry, (heard, now), damaged.as_ref()).await;
        }
        match app.store.move_on(&entry, heard).await? {
            Moved::Mine => {}
            Moved::Lost => return Ok(Acted::Nothing),
        }
        match act {
            Act::Nothing | Act::KeepAnEyeOn(_) => Ok(Acted::Nothing),
            Act::Send(run) => Ok(Acted::ToSend(Box::new(run))),
            Act::Free => {
                app.store.free(&entry, heard).await?;
                tracing::warn!(slot = entry.slot(), "a slot was left over, and is freed");
                Ok(Acted::Freed)
            }
            Act::Interrupt(run, why) => {
                let id = run.header.id;
                let latest = app.store.latest(run.header.tenant_id, &run.header.identity_hash, now).await?;
                match (Ending { store: &app.store, run, latest, now }).interrupt(why, Interrupter::Reconciler).await? {
                    Ended::Done(completed) => {
                        ending::record(&completed.run);
                        tracing::error!(run.id = %id, why = why.as_str(), "nothing could finish a run any more: it is ended");
                        Ok(Acted::Interrupted)
                    }
                    Ended::Overtaken { .. } => Ok(Acted::Nothing),
                }
            }
        }
    }
}

/// What cannot be read is left alone for as long as a run may be active. After that its slot is freed: whatever the run was, nothing
/// finishes it any more, and the connection must not be locked for ever.
async fn keep_an_eye_on(
    app: &App,
    entry: &ActiveEntry,
    (heard, now): (Timestamp, Timestamp),
    damaged: Option<&Damaged>,
) -> Result<Acted, runtime::BoxError> {
    let Some(since) = app.store.move_unreadable_on(entry, heard, now).await? else { return Ok(Acted::Nothing) };
    if let Some(damaged) = damaged {
        runtime::damage::tell(damaged);
    }
    let slot = entry.slot();
    if since + app.bounds.run_deadline > now {
        tracing::error!(slot, since = %since, "an active run cannot be read");
        return Ok(Acted::Unreadable);
    }
    app.store.free(entry, heard).await?;
    tracing::error!(slot, since = %since, "an active run can still not be read: its slot is freed");
    Ok(Acted::Freed)
}
