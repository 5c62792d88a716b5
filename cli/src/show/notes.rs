//! Acknowledgements, as lines beside the checks that they are about.

use crate::document::{Acknowledgement, Earlier, Person, Run};
use crate::report::Notes;
use crate::text::Text;

/// Who has seen what of this run, and what of an earlier one.
pub(super) fn notes(run: &Run) -> Notes {
    let mut notes = Notes::new();
    for Acknowledgement { check_key, ack_reason, expires_at, acknowledged_at, acknowledged_by } in &run.acknowledgements
    {
        let (who, until) = (person(acknowledged_by), until(expires_at.as_ref()));
        let line = format!("acknowledged by {who} at {acknowledged_at}{until}: {ack_reason}");
        notes.entry(check_key.to_string()).or_default().push(line);
    }
    for Earlier { check_key, run_id, by, at, reason, expires_at } in &run.previously_acknowledged {
        let (who, until) = (person(by), until(expires_at.as_ref()));
        let line = format!("acknowledged before, in run {run_id}, by {who} at {at}{until}: {reason}");
        notes.entry(check_key.to_string()).or_default().push(line);
    }
    notes
}

/// The id first: it is what rights are given to. Name and address are what a token claims.
fn person(Person { id, name, email }: &Person) -> String {
    let claims: Vec<&str> = [name, email].into_iter().flatten().map(Text::as_str).collect();
    if claims.is_empty() { id.to_string() } else { format!("{id} ({})", claims.join(", ")) }
}

fn until(expires_at: Option<&Text>) -> String {
    expires_at.map(|time| format!(" until {time}")).unwrap_or_default()
}
