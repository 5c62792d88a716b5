//! The directory roles of Entra that lead to Global Administrator. Template ids are the same in every tenant and cloud.
//!
//! Source: Microsoft, "Microsoft Entra built-in roles", where a role is marked as privileged.

use crate::id::ObjectId;
use crate::manifest::Danger;

/// A directory role that no connection needs.
#[derive(Debug, PartialEq, Eq)]
pub struct PrivilegedRole {
    id: &'static str,
    /// What Microsoft calls it.
    pub name: &'static str,
    /// What makes it dangerous.
    pub danger: Danger,
}

const fn role(id: &'static str, name: &'static str, danger: Danger) -> PrivilegedRole {
    PrivilegedRole { id, name, danger }
}

/// Every role that Microsoft marks as privileged and that changes something.
const TABLE: &[PrivilegedRole] = &[
    role("62e90394-69f5-4237-9190-012177145e10", "Global Administrator", Danger::Direct),
    role("e8611ab8-c189-46e8-94e1-60213ab1f814", "Privileged Role Administrator", Danger::Direct),
    role("7be44c8a-adaf-4e2a-84d6-ab2649e08a13", "Privileged Authentication Administrator", Danger::Direct),
    role("e00e864a-17c5-4a4b-9c06-f5b95a8d5bd8", "Partner Tier2 Support", Danger::Direct),
    role("9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3", "Application Administrator", Danger::Indirect),
    role("158c047a-c907-4556-b7ef-446551a6b5f7", "Cloud Application Administrator", Danger::Indirect),
    role("8ac3fc64-6eca-42ea-9e69-59f4c7b60eb2", "Hybrid Identity Administrator", Danger::Indirect),
    role("194ae4cb-b126-40b2-bd5b-6091b380977d", "Security Administrator", Danger::Indirect),
    role("b1be1c3e-b65d-4f19-8427-f6fa0d97feb9", "Conditional Access Administrator", Danger::Indirect),
    role("c4e39bd9-1100-46d3-8c65-fb160da0071f", "Authentication Administrator", Danger::Indirect),
    role("fe930be7-5e62-47db-91af-98c3a49a38b1", "User Administrator", Danger::Indirect),
    role("729827e3-9c14-49f7-bb1b-9608f156bbb8", "Helpdesk Administrator", Danger::Indirect),
    role("966707d0-3269-4727-9be2-8c3a10f19b9d", "Password Administrator", Danger::Indirect),
    role("3a2c62db-5318-420d-8d74-23affee5d9d5", "Intune Administrator", Danger::Indirect),
    role("9360feb5-f418-4baa-8175-e2a00bac4301", "Directory Writers", Danger::Indirect),
];

impl PrivilegedRole {
    /// The privileged role of this template id, if it is one.
    #[must_use]
    pub fn of(template: &ObjectId) -> Option<&'static Self> {
        TABLE.iter().find(|role| role.id == template.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_id_is_one_and_stands_once() {
        let mut seen = std::collections::BTreeSet::new();
        for role in TABLE {
            let id: ObjectId = role.id.parse().expect("a GUID");
            assert!(seen.insert(role.id), "{}", role.name);
            assert_eq!(PrivilegedRole::of(&id), Some(role));
        }
        assert_eq!(PrivilegedRole::of(&"0997a1d0-0d1d-4acb-b408-d5ca73121e90".parse().expect("a GUID")), None);
    }
}
