//! `tenantcheck connections`: the connections of a tenant with their health.

use crate::api::Api;
use crate::arguments::{self, Output};
use crate::document::{Connection, Connections};
use crate::exit::{CommandError, Exit};
use crate::grid::Grid;
use crate::print::{print, print_json};
use crate::text::Text;

/// Lists connections.
///
/// # Errors
/// [`CommandError`] when they cannot be listed.
pub async fn connections(api: &mut Api, arguments: &arguments::Connections) -> Result<Exit, CommandError> {
    let path = format!("/workspaces/{}/tenants/{}/connections", arguments.workspace, arguments.tenant);
    let answer = api.get(&path, &[]).await?;
    let Connections { connections } = answer.read()?;
    match arguments.output {
        Output::Table => print(&table(&connections))?,
        Output::Json => print_json(&answer.document)?,
        Output::Quiet => print(&connections.iter().map(|it| format!("{}\n", it.id)).collect::<String>())?,
    }
    Ok(Exit::Done)
}

fn table(connections: &[Connection]) -> String {
    if connections.is_empty() {
        return "no connections\n".to_owned();
    }
    let mut grid = Grid::new([
        "CONNECTION",
        "NAME",
        "MODULE",
        "CLOUD",
        "DEFAULT",
        "ENABLED",
        "CONSENT",
        "CREDENTIAL",
        "HEALTH",
        "VERIFIED",
        "REASON",
    ]);
    for connection in connections {
        let or_none = |text: Option<&Text>| text.map_or_else(|| "-".to_owned(), ToString::to_string);
        let word = |yes| if yes { "yes" } else { "no" }.to_owned();
        let until = connection.credential.expires_at.as_ref().map(|time| format!(" until {time}"));
        grid.row([
            connection.id.to_string(),
            connection.display_name.to_string(),
            connection.module.to_string(),
            connection.cloud.to_string(),
            word(connection.is_default),
            word(connection.is_enabled),
            connection.consent_status.to_string(),
            format!("{}{}", connection.credential.kind, until.unwrap_or_default()),
            connection.verification_status.to_string(),
            or_none(connection.last_verified_at.as_ref()),
            or_none(connection.last_error_reason_code.as_ref()),
        ]);
    }
    grid.to_string()
}
