//! Every row of the preflight table, one after another, and their order.

use super::*;
use crate::connection::{Credential, CredentialKind};
use crate::testing;

fn answer(tenant: &Tenant, connection: &ProviderConnection) -> String {
    match testing::rules().preflight(tenant, connection) {
        Ok(runnable) => format!("ready, {:?}", runnable.credential),
        Err(block) => describe(&block),
    }
}

fn describe(block: &Block) -> String {
    let steps: Vec<_> = block.next_steps.iter().map(|step| format!("{} -> {}", step.label, step.url)).collect();
    format!("{} | {} | {}", block.reason.code(), block.reason.text().message, steps.join(", "))
}

#[test]
fn every_row_of_the_table_has_its_reason_message_and_link() {
    let tenant = testing::tenant();
    let archived = Tenant { status: TenantStatus::Archived, ..tenant.clone() };
    let other_tenant = Tenant { entra_tenant_id: testing::guid(9), ..tenant.clone() };
    let connection = testing::connection();
    let with = |change: fn(&mut ProviderConnection)| {
        let mut changed = connection.clone();
        change(&mut changed);
        changed
    };
    let certificate = |reference: Option<&str>| ProviderConnection {
        credential: Credential {
            kind: CredentialKind::Certificate,
            reference: reference.map(str::to_owned),
            ..connection.credential.clone()
        },
        ..connection.clone()
    };
    let consent = |status, kind| ProviderConnection {
        consent_status: status,
        connection_type: kind,
        credential: Credential { kind: CredentialKind::Federated, reference: None, ..connection.credential.clone() },
        ..connection.clone()
    };
    let mut rows = vec![
        ("ready".to_owned(), answer(&tenant, &connection)),
        ("archived".to_owned(), answer(&archived, &connection)),
        ("disabled".to_owned(), answer(&tenant, &with(|it| it.is_enabled = false))),
        ("malformed client id".to_owned(), answer(&tenant, &with(|it| it.client_id = "app".to_owned()))),
        (
            "malformed entra tenant id".to_owned(),
            answer(&tenant, &with(|it| it.entra_tenant_id = "contoso".to_owned())),
        ),
        ("unknown cloud".to_owned(), answer(&tenant, &with(|it| it.cloud = "mars".to_owned()))),
        ("unknown module".to_owned(), answer(&tenant, &with(|it| it.module = "exchange".to_owned()))),
        ("another entra tenant".to_owned(), answer(&other_tenant, &connection)),
        ("secret without reference".to_owned(), answer(&tenant, &with(|it| it.credential.reference = None))),
        (
            "secret elsewhere".to_owned(),
            answer(&tenant, &with(|it| it.credential.reference = Some("/prod/db".to_owned()))),
        ),
        ("certificate without reference".to_owned(), answer(&tenant, &certificate(None))),
        ("certificate".to_owned(), answer(&tenant, &certificate(Some("/tenantcheck/test/1/certificate")))),
    ];
    for status in ConsentStatus::ALL {
        for kind in ConnectionType::ALL {
            rows.push((format!("{kind}, consent {status}"), answer(&tenant, &consent(*status, *kind))));
        }
    }
    let table: String = rows.iter().map(|(case, answer)| format!("{case}: {answer}\n")).collect();
    insta::assert_snapshot!("preflight_table", table);
}

#[test]
fn the_first_row_that_matches_wins() {
    let mut tenant = Tenant { status: TenantStatus::Archived, ..testing::tenant() };
    let mut connection = testing::connection();
    connection.is_enabled = false;
    connection.client_id = "app".to_owned();
    connection.credential.reference = None;
    connection.consent_status = ConsentStatus::Revoked;
    let reason = |tenant: &Tenant, connection: &ProviderConnection| {
        testing::rules().preflight(tenant, connection).map_err(|block| block.reason).err()
    };
    assert_eq!(reason(&tenant, &connection), Some(Reason::TenantNotOperable));
    tenant.status = TenantStatus::Pending;
    assert_eq!(reason(&tenant, &connection), Some(Reason::ProviderConnectionDisabled));
    connection.is_enabled = true;
    assert_eq!(reason(&tenant, &connection), Some(Reason::ProviderConnectionInvalid));
    connection.client_id = testing::connection().client_id;
    assert_eq!(reason(&tenant, &connection), Some(Reason::ProviderCredentialMissing));
    connection.credential = testing::connection().credential;
    assert_eq!(reason(&tenant, &connection), Some(Reason::ProviderConsentRevoked));
    connection.consent_status = ConsentStatus::Granted;
    assert_eq!(reason(&tenant, &connection), None);
}

#[test]
fn an_expiry_date_in_the_past_does_not_block() {
    let mut connection = testing::connection();
    connection.credential.expires_at = Some(crate::time::Timestamp::from_millis(0));
    assert!(testing::rules().preflight(&testing::tenant(), &connection).is_ok());
}

#[test]
fn the_named_connection_or_the_default_is_chosen() {
    let rules = testing::rules();
    let tenant = testing::tenant();
    let default = testing::connection();
    let other = ProviderConnection { id: "4".parse().expect("an id"), is_default: false, ..default.clone() };
    let both = [other.clone(), default.clone()];
    assert_eq!(rules.resolve(&tenant, &both, None), Resolved::Connection(&default));
    assert_eq!(rules.resolve(&tenant, &both, Some(other.id)), Resolved::Connection(&other));
    assert_eq!(rules.resolve(&tenant, &both, Some("5".parse().expect("an id"))), Resolved::Unknown);
    let missing = |connections| match rules.resolve(&tenant, connections, None) {
        Resolved::Missing(block) => describe(&block),
        other => panic!("{other:?}"),
    };
    insta::assert_snapshot!("no_connection_to_use", format!("{}\n{}", missing(&[]), missing(&[other])));
}
