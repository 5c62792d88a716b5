//! What a report names: the permissions that are missing or too many, roles that nobody knows, the organization that was reached, and the
//! app itself. The published fingerprint leaves evidence out, so it stays the same when one dangerous grant is added to another; this
//! digest does not.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Deserializer, Serialize};

use crate::check::Check;
use crate::evidence::{Evidence, EvidenceKind, EvidenceValue};
use crate::fingerprint::{InvalidFingerprint, parse_digest, sha256_hex};
use crate::id::ClientId;
use crate::manifest::PermissionType;
use crate::parsed_text::parsed_text;

parsed_text! {
    /// SHA-256 over what the checks name, in 64 lower-case hexadecimal digits.
    NamingDigest, or InvalidFingerprint, by parse_digest;
}

/// Something that a check names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Named {
    /// What it is: an evidence kind.
    pub kind: String,
    /// Its name or id.
    #[serde(deserialize_with = "text_or_number")]
    pub value: String,
}

impl Named {
    /// Whether it is naming evidence; what it is of another kind only tells how the answer came about.
    fn counts(&self) -> bool {
        self.kind.parse().is_ok_and(is_naming)
    }
}

/// Whether this kind of evidence names what a finding is about. Counts, sources, error codes, times and trace ids do not.
fn is_naming(kind: EvidenceKind) -> bool {
    matches!(
        kind,
        EvidenceKind::ActualEntraTenantId
            | EvidenceKind::TenantCloud
            | EvidenceKind::AppOwner
            | EvidenceKind::ForeignCredential
            | EvidenceKind::MissingPermission
            | EvidenceKind::PendingPermission
            | EvidenceKind::RevokedPermission
            | EvidenceKind::EndingPermission
            | EvidenceKind::ExcessivePermission
            | EvidenceKind::DirectoryRole
            | EvidenceKind::UnknownRole
    )
}

impl From<&Evidence> for Named {
    fn from(evidence: &Evidence) -> Self {
        let value = match &evidence.value {
            EvidenceValue::Text(text) => text.clone(),
            EvidenceValue::Number(number) => number.to_string(),
        };
        Self { kind: evidence.kind.as_str().to_owned(), value }
    }
}

/// What evidence names. A permission has a type, which stands behind it: the delegated one is another than the app's own.
pub(crate) fn named(evidence: impl Iterator<Item = Named>) -> BTreeSet<Named> {
    let mut evidence = evidence.peekable();
    let mut all = BTreeSet::new();
    while let Some(mut piece) = evidence.next() {
        if piece.counts() {
            let kind = evidence.next_if(|next| next.kind == EvidenceKind::PermissionType.as_str());
            if kind.is_some_and(|kind| kind.value == PermissionType::Delegated.as_str()) {
                piece.value.push_str(" (delegated)");
            }
            all.insert(piece);
        }
    }
    all
}

impl NamingDigest {
    /// Of the compact JSON array `[client_id, [[key, [[kind, value], ...]], ...]]`: the app, null when it is not known, and of each check
    /// that names something its key and what it names, each once and all sorted bytewise.
    #[must_use]
    pub fn of(client_id: Option<&ClientId>, checks: &[Check]) -> Self {
        let named = |check: &Check| named(check.evidence.iter().map(Named::from));
        let rows: BTreeMap<&str, BTreeSet<Named>> = checks
            .iter()
            .map(|check| (check.key.as_str(), named(check)))
            .filter(|(_, named)| !named.is_empty())
            .collect();
        Self::of_rows(client_id.map(ClientId::as_str), rows.iter().map(|(key, named)| (*key, named)))
    }

    /// The same of one check alone.
    pub(crate) fn of_check(client_id: Option<&str>, key: &str, named: &BTreeSet<Named>) -> Self {
        Self::of_rows(client_id, [(key, named)].into_iter())
    }

    fn of_rows<'a>(client_id: Option<&str>, rows: impl Iterator<Item = (&'a str, &'a BTreeSet<Named>)>) -> Self {
        let pairs = |named: &'a BTreeSet<Named>| named.iter().map(|it| (&it.kind, &it.value)).collect::<Vec<_>>();
        let rows: Vec<_> = rows.map(|(key, named)| (key, pairs(named))).collect();
        Self(sha256_hex(&serde_json::to_vec(&(client_id, rows)).expect("texts have a JSON form")).into())
    }
}

/// A value of evidence as a text, which a number is too.
fn text_or_number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Value {
        Text(String),
        Number(u64),
    }
    Ok(match Value::deserialize(deserializer)? {
        Value::Text(text) => text,
        Value::Number(number) => number.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::{CheckDefinition, CheckKey, Severity};

    const EXCESSIVE: CheckDefinition =
        CheckDefinition { key: CheckKey::EXCESSIVE, title: "Excessive", severity: Severity::High, blocking: false };

    fn check(evidence: &[(EvidenceKind, &str)]) -> Check {
        Check::pass(&EXCESSIVE, evidence.iter().map(|(kind, value)| Evidence::text(*kind, *value)).collect())
    }

    /// The golden values were computed outside of this program, with `printf '%s' '<array>' | sha256sum`.
    #[test]
    fn golden_values_hold() {
        let client: ClientId = "11111111-2222-4333-8444-555555555555".parse().expect("a GUID");
        // [null,[]]
        let none = "97294f05c3603881a6466e787eb8726dde04588d242bea02914b0f0a8e12bdb2";
        assert_eq!(NamingDigest::of(None, &[]).as_str(), none);
        let two = [(EvidenceKind::ExcessivePermission, "B"), (EvidenceKind::ExcessivePermission, "A")];
        // ["11111111-2222-4333-8444-555555555555",[["permissions.excessive",[["excessive_permission","A"],["excessive_permission","B"]]]]]
        let both = "94fa4d60b0e1eeed7358f8882ffa40a7002e0a74de5c1cfc0664f70139fed587";
        assert_eq!(NamingDigest::of(Some(&client), &[check(&two)]).as_str(), both);
    }

    #[test]
    fn only_the_app_and_what_is_named_change_it() {
        let of = |evidence: &[(EvidenceKind, &str)]| NamingDigest::of(None, &[check(evidence)]);
        let (a, b) = ((EvidenceKind::ExcessivePermission, "A"), (EvidenceKind::ExcessivePermission, "B"));
        assert_eq!(of(&[a, b]), of(&[b, a]), "the order does not count");
        assert_eq!(of(&[a, a]), of(&[a]), "nor does saying it twice");
        assert_eq!(of(&[a, (EvidenceKind::Why, "because"), (EvidenceKind::TraceId, "7")]), of(&[a]));
        assert_ne!(of(&[a, b]), of(&[a]));
        assert_ne!(of(&[a]), of(&[(EvidenceKind::DirectoryRole, "A")]));
        let app = |id: &str| NamingDigest::of(Some(&id.parse().expect("a GUID")), &[]);
        assert_ne!(app("11111111-2222-4333-8444-555555555555"), app("11111111-2222-4333-8444-555555555556"));
    }

    #[test]
    fn a_delegated_permission_is_another_than_the_apps_own() {
        use EvidenceKind::{Feature, MissingPermission, PermissionType};
        let of = |evidence: &[(EvidenceKind, &str)]| NamingDigest::of(None, &[check(evidence)]);
        let (own, delegated) = ((PermissionType, "application"), (PermissionType, "delegated"));
        let name = (MissingPermission, "User.Read");
        assert_eq!(of(&[name, own]), of(&[name]), "what every permission is unless it says otherwise");
        assert_ne!(of(&[name, delegated]), of(&[name, own]));
        assert_ne!(of(&[name, own, name, delegated]), of(&[name, own]), "both are missing");
        assert_eq!(of(&[name, own, (Feature, "apps")]), of(&[name, own]));
    }

    #[test]
    fn the_same_names_of_another_check_are_another_thing() {
        let other = Check { key: CheckKey::INTUNE_APPS, ..check(&[(EvidenceKind::MissingPermission, "A")]) };
        let one = check(&[(EvidenceKind::MissingPermission, "A")]);
        assert_ne!(NamingDigest::of(None, &[one]), NamingDigest::of(None, &[other]));
    }
}
