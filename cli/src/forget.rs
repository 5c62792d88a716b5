//! `tenantcheck forget`: removes what is kept of an archived tenant, after asking.

use std::fmt;
use std::io::{self, BufRead, IsTerminal, Write};

use domain::audit::OperatorArn;
use domain::id::{RunId, TenantId};
use domain::tenant::Tenant;
use domain::time::Timestamp;
use store::{Archived, Forgettable, Forgotten, Removed, Store};

use crate::arguments::Forget;
use crate::exit::{CommandError, Exit};
use crate::grid::Grid;
use crate::print::print;
use crate::text::Text;

/// Why a tenant is not forgotten.
#[derive(Debug)]
pub enum ForgetError {
    /// There is none.
    Unknown(TenantId),
    /// It is still used.
    InUse(Tenant),
    /// A run of it is active.
    Busy(TenantId, RunId),
    /// Nobody can be asked.
    NoTerminal,
    /// The answer was something else than the tenant.
    NotConfirmed,
    /// Somebody has changed it since it was looked at.
    Changed(TenantId),
    /// Somebody has changed it while this was removed.
    Stopped(TenantId, Removed),
    /// A start that was on its way came in between.
    Overtaken(TenantId, RunId, Removed),
}

impl ForgetError {
    /// The exit code.
    #[must_use]
    pub fn exit(&self) -> Exit {
        match self {
            ForgetError::Unknown(_)
            | ForgetError::InUse(_)
            | ForgetError::Busy(..)
            | ForgetError::NoTerminal
            | ForgetError::NotConfirmed
            | ForgetError::Changed(_) => Exit::Usage,
            ForgetError::Stopped(..) | ForgetError::Overtaken(..) => Exit::Failed,
        }
    }
}

impl std::error::Error for ForgetError {}

impl fmt::Display for ForgetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nothing = "\nnothing was removed";
        match self {
            ForgetError::Unknown(tenant) => write!(f, "there is no tenant {tenant}{nothing}"),
            ForgetError::InUse(Tenant { id, name, status, .. }) => {
                let name = Text::from(name.as_str());
                write!(f, "tenant {id} ({name}) is {status}; only an archived tenant can be forgotten{nothing}")
            }
            ForgetError::Busy(tenant, run) => {
                write!(f, "run {run} of tenant {tenant} is active; wait for its end{nothing}")
            }
            ForgetError::NoTerminal => {
                write!(f, "nobody can be asked: standard input is no terminal, and --yes is not given{nothing}")
            }
            ForgetError::NotConfirmed => write!(f, "that is neither the tenant's id nor its name{nothing}"),
            ForgetError::Changed(tenant) => {
                write!(f, "tenant {tenant} was changed while you were asked; look at it and try again{nothing}")
            }
            ForgetError::Stopped(tenant, removed) => {
                writeln!(f, "tenant {tenant} was changed meanwhile; nothing more was removed")?;
                until_then(f, removed)?;
                write!(f, "  the next apply brings back the connections and entitlements that its file names")
            }
            ForgetError::Overtaken(tenant, run, removed) => {
                writeln!(f, "run {run} of tenant {tenant} was on its way and is active now")?;
                until_then(f, removed)?;
                write!(f, "  after its end the same command removes the rest")
            }
        }
    }
}

fn until_then(f: &mut fmt::Formatter<'_>, removed: &Removed) -> fmt::Result {
    match removed.total() {
        0 => writeln!(f, "  until then nothing was removed"),
        _ => writeln!(f, "  until then these were removed: {removed}"),
    }
}

/// Forgets a tenant.
///
/// # Errors
/// [`CommandError`] when it may not be forgotten, or the table does not take part.
pub async fn forget(
    store: &Store,
    arguments: &Forget,
    operator: OperatorArn,
    now: impl Fn() -> Timestamp,
) -> Result<Exit, CommandError> {
    let archived = match store.forgettable(arguments.tenant).await? {
        Forgettable::Yes(archived) => archived,
        Forgettable::InUse(tenant) => return Err(ForgetError::InUse(tenant).into()),
        Forgettable::Busy(tenant, run) => return Err(ForgetError::Busy(tenant.id, run).into()),
        Forgettable::Unknown => return Err(ForgetError::Unknown(arguments.tenant).into()),
    };
    if !arguments.yes {
        confirm(&archived)?;
    }
    match store.forget(&archived, operator, now()).await? {
        Forgotten::Done(removed) => print(&done(archived.tenant(), &removed))?,
        Forgotten::Changed => return Err(ForgetError::Changed(arguments.tenant).into()),
        Forgotten::Stopped(removed) => return Err(ForgetError::Stopped(arguments.tenant, removed).into()),
        Forgotten::Overtaken(run, removed) => {
            return Err(ForgetError::Overtaken(arguments.tenant, run, removed).into());
        }
    }
    Ok(Exit::Done)
}

fn confirm(archived: &Archived) -> Result<(), CommandError> {
    if !io::stdin().is_terminal() {
        return Err(ForgetError::NoTerminal.into());
    }
    if ask(archived.tenant(), &mut io::stdin().lock(), &mut io::stderr())? {
        Ok(())
    } else {
        Err(ForgetError::NotConfirmed.into())
    }
}

/// Whether the person answers with the tenant.
fn ask(tenant: &Tenant, input: &mut impl BufRead, output: &mut impl Write) -> io::Result<bool> {
    let name = Text::from(tenant.name.as_str());
    writeln!(
        output,
        "Everything that is kept of tenant {} ({name}) of workspace {} will be",
        tenant.id, tenant.workspace_id
    )?;
    writeln!(
        output,
        "removed for good: connections, entitlements, runs, reports, acknowledgements. Audit events stay."
    )?;
    write!(output, "Type the tenant's id or name to go on: ")?;
    output.flush()?;
    let mut answer = String::new();
    input.read_line(&mut answer)?;
    let answer = answer.trim();
    // A name that is shown with replaced characters is typed as it is shown.
    Ok(answer == tenant.id.to_string() || !answer.is_empty() && answer == name.as_str().trim())
}

fn done(tenant: &Tenant, removed: &Removed) -> String {
    let name = Text::from(tenant.name.as_str());
    let mut text = format!("tenant {} ({name}) is forgotten: {} items removed\n", tenant.id, removed.total());
    if removed.total() > 0 {
        let mut grid = Grid::without_heading();
        for (kind, count) in removed.kinds() {
            grid.row([format!("  {}", Text::from(kind)), count.to_string()]);
        }
        text.push_str(&format!("\n{grid}\n"));
    }
    text.push_str(
        "A directory file that still names its connections or entitlements brings them back with the next apply.\n",
    );
    text.push_str("A start that was on its way may have left a run; the same command again removes it.\n");
    text
}

impl From<ForgetError> for CommandError {
    fn from(error: ForgetError) -> Self {
        Self::new(error.exit(), &error)
    }
}

#[cfg(test)]
mod tests {
    use domain::tenant::TenantStatus;

    use super::*;

    #[test]
    fn only_the_tenant_itself_is_a_yes() {
        let tenant = Tenant {
            id: "5".parse().expect("an id"),
            workspace_id: "1".parse().expect("an id"),
            name: "Fabrikam\u{1b}[2J".to_owned(),
            entra_tenant_id: String::new(),
            status: TenantStatus::Archived,
        };
        let mut shown = Vec::new();
        let mut asked =
            |answer: &str| ask(&tenant, &mut answer.as_bytes(), &mut shown).expect("a text takes every write");
        assert!(asked("5\n") && asked("  Fabrikam\u{fffd}[2J\n"));
        for answer in ["", "\n", "y\n", "yes\n", "55\n", "fabrikam\n"] {
            assert!(!asked(answer), "{answer:?}");
        }
        assert!(!shown.contains(&0x1b), "the name reaches a terminal");
    }
}
