//! `tenantcheck release`: ends an active run by the same code as everything else that ends runs, after asking.

use std::fmt;
use std::io::{self, BufRead, IsTerminal, Write};

use domain::audit::OperatorArn;
use domain::id::RunId;
use domain::operation_run::{Interruption, OperationRun, RunState};
use domain::time::Timestamp;
use ending::{EndError, Ended, Ending, Interrupter};
use store::Store;

use crate::arguments::Release;
use crate::chain::Chain;
use crate::exit::{CommandError, Exit};
use crate::print::print;

/// Why a run is not released.
#[derive(Debug)]
pub enum ReleaseError {
    /// There is none.
    Unknown(RunId),
    /// It has ended already.
    Completed(RunId),
    /// Nobody can be asked.
    NoTerminal,
    /// The answer was something else than the run.
    NotConfirmed,
    /// Somebody else changed it while it was looked at.
    Changed(RunId, bool),
    /// It could not be ended.
    End(EndError),
}

impl ReleaseError {
    /// The exit code.
    #[must_use]
    pub fn exit(&self) -> Exit {
        match self {
            ReleaseError::Unknown(_)
            | ReleaseError::Completed(_)
            | ReleaseError::NoTerminal
            | ReleaseError::NotConfirmed
            | ReleaseError::Changed(..) => Exit::Usage,
            ReleaseError::End(_) => Exit::Failed,
        }
    }
}

impl std::error::Error for ReleaseError {}

impl fmt::Display for ReleaseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nothing = "\nnothing was changed";
        match self {
            ReleaseError::Unknown(run) => write!(f, "there is no run {run}{nothing}"),
            ReleaseError::Completed(run) => {
                write!(
                    f,
                    "run {run} is completed, and such runs never change; `tenantcheck show {run}` shows it{nothing}"
                )
            }
            ReleaseError::NoTerminal => {
                write!(f, "nobody can be asked: standard input is no terminal, and --yes is not given{nothing}")
            }
            ReleaseError::NotConfirmed => write!(f, "that is not the run's id{nothing}"),
            ReleaseError::Changed(run, true) => {
                write!(f, "run {run} was taken by a worker while you were asked; look at it and try again{nothing}")
            }
            ReleaseError::Changed(run, false) => write!(f, "run {run} has ended by itself meanwhile{nothing}"),
            ReleaseError::End(error) => write!(f, "the run could not be ended: {}", Chain(error)),
        }
    }
}

/// Ends an active run.
///
/// # Errors
/// [`CommandError`] when it may not be ended, or the table does not take part.
pub async fn release(
    store: &Store,
    arguments: &Release,
    operator: OperatorArn,
    now: impl Fn() -> Timestamp,
) -> Result<Exit, CommandError> {
    let id = arguments.run;
    let run = store.load_run(id, now()).await?.ok_or(ReleaseError::Unknown(id))?;
    if !run.is_active() {
        return Err(ReleaseError::Completed(id).into());
    }
    if !arguments.yes {
        confirm(&run, now())?;
    }
    let now = now();
    let latest = store.latest(run.header.tenant_id, &run.header.identity_hash, now).await?;
    let ending = Ending { store, run, latest, now };
    match ending.interrupt(Interruption::Released, Interrupter::Operator(operator)).await.map_err(ReleaseError::End)? {
        Ended::Done(_) => {
            print(&format!("run {id} is ended as failed; its connection is free for the next start\n"))?;
            Ok(Exit::Done)
        }
        Ended::Overtaken { is_active } => Err(ReleaseError::Changed(id, is_active).into()),
    }
}

fn confirm(run: &OperationRun, now: Timestamp) -> Result<(), CommandError> {
    if !io::stdin().is_terminal() {
        return Err(ReleaseError::NoTerminal.into());
    }
    if ask(run, now, &mut io::stdin().lock(), &mut io::stderr())? {
        Ok(())
    } else {
        Err(ReleaseError::NotConfirmed.into())
    }
}

/// Whether the person answers with the run.
fn ask(run: &OperationRun, now: Timestamp, input: &mut impl BufRead, output: &mut impl Write) -> io::Result<bool> {
    let header = &run.header;
    let connection = header.target.connection_id.map_or_else(|| "none".to_owned(), |id| id.to_string());
    writeln!(
        output,
        "Run {} of workspace {}, tenant {}, connection {} is {} since {}.",
        header.id,
        header.workspace_id,
        header.tenant_id,
        connection,
        run.status(),
        header.created_at
    )?;
    if let RunState::Running(attempt) = &run.state
        && attempt.lease_until > now
    {
        writeln!(output, "A worker may be at it until {}: what it finds out will be lost.", attempt.lease_until)?;
    }
    writeln!(output, "It will be ended as failed, without a word about the connection.")?;
    write!(output, "Type the run's id to go on: ")?;
    output.flush()?;
    let mut answer = String::new();
    input.read_line(&mut answer)?;
    Ok(answer.trim() == header.id.to_string())
}

impl From<ReleaseError> for CommandError {
    fn from(error: ReleaseError) -> Self {
        Self::new(error.exit(), &error)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use domain::bounds::Bounds;
    use domain::connection::Provider;
    use domain::id::{TenantId, WorkspaceId};
    use domain::identity::RunIdentityHash;
    use domain::operation::Operation;
    use domain::operation_run::{Initiator, RunHeader, RunTarget};

    use super::*;

    const BOUNDS: Bounds = Bounds {
        worker_timeout: Duration::from_mins(1),
        patience: Duration::from_mins(2),
        run_deadline: Duration::from_hours(6),
    };

    fn queued() -> OperationRun {
        let created_at = "2026-07-27T10:00:00.000Z".parse().expect("a time");
        let workspace_id: WorkspaceId = "7".parse().expect("an id");
        let tenant_id: TenantId = "8".parse().expect("an id");
        let (operation, provider) = (Operation::ProviderConnectionCheck, Provider::Microsoft);
        OperationRun::queue(RunHeader {
            id: RunId::new(created_at, 1),
            workspace_id,
            tenant_id,
            operation,
            identity_hash: RunIdentityHash::of(workspace_id, tenant_id, operation, provider, None),
            initiator: Initiator::System,
            target: RunTarget {
                provider,
                module: None,
                connection_id: None,
                entra_tenant_id: "contoso.example".to_owned(),
                entra_tenant_name: None,
            },
            session_id: None,
            created_at,
        })
    }

    fn asked(run: &OperationRun, now: Timestamp, answer: &str) -> (bool, String) {
        let mut output = Vec::new();
        let confirmed = ask(run, now, &mut answer.as_bytes(), &mut output).expect("memory takes it all");
        (confirmed, String::from_utf8(output).expect("text"))
    }

    #[test]
    fn only_the_id_of_the_run_confirms() {
        let run = queued();
        let (id, now) = (run.header.id, run.header.created_at);
        assert!(asked(&run, now, &format!(" {id} \n")).0);
        for answer in ["", "\n", "yes\n", &format!("{}\n", RunId::new(now, 2)), &format!("{id} {id}\n")] {
            assert!(!asked(&run, now, answer).0, "{answer:?}");
        }
    }

    #[test]
    fn who_is_asked_reads_what_will_be_lost() {
        let run = queued();
        let created = run.header.created_at;
        let (_, text) = asked(&run, created, "");
        for part in [run.header.id.to_string(), run.header.tenant_id.to_string(), "is queued since".to_owned()] {
            assert!(text.contains(&part), "{part}: {text}");
        }
        assert!(!text.contains("A worker"), "{text}");
        let lease = created + Duration::from_mins(1);
        let claimed = run.claim(created, lease, &BOUNDS).expect("nobody has it");
        assert!(asked(&claimed, created, "").1.contains(&format!("A worker may be at it until {lease}")));
        assert!(!asked(&claimed, lease, "").1.contains("A worker"));
    }
}
