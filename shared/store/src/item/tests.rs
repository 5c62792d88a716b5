//! Every item as it is stored, there and back, and what cannot be read.

use std::io::Write;
use std::time::Duration;

use domain::access::Role;
use domain::audit::{Actor, Applied, AuditAction, AuditEvent, FileDigest, OperatorArn};
use domain::connection::{
    CertificateAlgorithm, ConnectionHealth, ConnectionType, ConsentStatus, Credential, CredentialKind, Provider,
    ProviderConnection, VerificationStatus,
};
use domain::directory::{DirectoryChanges, Edit, Entitlement, Membership, Workspace};
use domain::id::EventId;
use domain::identity::RunIdentityHash;
use domain::manifest::{Area, PermissionType};
use domain::operation_run::RunState;
use domain::permissions::{GrantSource, PermissionInventory, PermissionRow, PermissionStatus, RowDetails};
use domain::reason::Reason;
use domain::report::MAX_JSON_BYTES;
use domain::tenant::{Tenant, TenantStatus};
use flate2::Compression;
use flate2::write::GzEncoder;

use super::inventory::InventoryPart;
use super::latest::LatestPart;
use super::state::Said;
use super::*;
use crate::key;
use crate::testing::{self, header, id, now, show, user};

const RETENTION: Duration = Duration::from_hours(24);

fn connection(credential: Credential, name: Option<&str>) -> ProviderConnection {
    ProviderConnection {
        id: id("3"),
        workspace_id: id("1"),
        tenant_id: id("2"),
        provider: Provider::Microsoft,
        module: "intune".to_owned(),
        cloud: "global".to_owned(),
        entra_tenant_id: "not a GUID: preflight says so".to_owned(),
        entra_tenant_name: name.map(str::to_owned),
        display_name: "Contoso".to_owned(),
        client_id: "11111111-2222-4333-8444-555555555555".to_owned(),
        connection_type: ConnectionType::Dedicated,
        is_default: true,
        is_enabled: false,
        consent_status: ConsentStatus::Granted,
        credential,
        updated_at: now(),
        version: 7,
    }
}

#[test]
fn the_directory_comes_back_from_its_items() {
    let workspace = Workspace { id: id("1"), name: "MSP".to_owned() };
    assert_eq!(directory::to_workspace(directory::of_workspace(&workspace)).expect("readable"), workspace);
    let membership = Membership { workspace_id: id("1"), user_id: user("a#b"), role: Role::Operator };
    assert_eq!(directory::to_membership(directory::of_membership(&membership)).expect("readable"), membership);
    let entitlement =
        Entitlement { workspace_id: id("1"), tenant_id: id("2"), user_id: user("a#b"), role: Role::Readonly };
    assert_eq!(directory::to_entitlement(directory::of_entitlement(&entitlement)).expect("readable"), entitlement);
    let tenant = Tenant {
        id: id("2"),
        workspace_id: id("1"),
        name: "Contoso".to_owned(),
        entra_tenant_id: "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee".to_owned(),
        status: TenantStatus::Archived,
    };
    assert_eq!(directory::to_tenant(directory::of_tenant(&tenant)).expect("readable"), tenant);
}

#[test]
fn connections_come_back_whatever_is_left_out() {
    let secret = Credential {
        kind: CredentialKind::ClientSecret,
        reference: Some("/tenantcheck/test/1/x".to_owned()),
        expires_at: Some(now()),
        certificate_algorithm: None,
    };
    let certificate = Credential {
        kind: CredentialKind::Certificate,
        certificate_algorithm: Some(CertificateAlgorithm::Rs256),
        ..secret.clone()
    };
    let federated = Credential { kind: CredentialKind::Federated, reference: None, expires_at: None, ..secret.clone() };
    for credential in [secret, certificate, federated] {
        for name in [None, Some("contoso.example")] {
            let connection = connection(credential.clone(), name);
            let item = connection::of_connection(&connection);
            assert_eq!(connection::to_connection(item).expect("readable"), connection);
        }
    }
}

#[test]
fn a_slot_comes_back_from_its_item() {
    let header = header();
    let item = slot::of_run(&header, id("2"), id("3"), "token");
    insta::assert_snapshot!("slot_item", show(&item));
    let slot = slot::to_slot(item).expect("readable");
    assert_eq!((slot.connection_id, slot.run_id, &slot.identity_hash), (id("3"), header.id, &header.identity_hash));
}

/// The state that a run leaves where there was none, and what its update says.
fn state_of(said: &Said, identity: &RunIdentityHash) -> Item {
    let mut item: Item = said.attributes().into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    item.extend(key::state(id("2"), identity).attributes());
    item
}

#[test]
fn a_state_comes_back_part_by_part_and_its_latest_run_expires_with_the_run() {
    let (_, run) = testing::runs().into_iter().find(|(name, _)| *name == "succeeded").expect("a succeeded run");
    let RunState::Completed(completion) = &run.state else { panic!("completed") };
    let health = ConnectionHealth {
        verification_status: VerificationStatus::Error,
        last_verified_at: now(),
        last_error_reason_code: Some(Reason::Throttled.into()),
        run_id: id("41"),
    };
    let row = PermissionRow {
        permission_key: "Organization.Read.All".to_owned(),
        permission_type: PermissionType::Application,
        status: PermissionStatus::Granted,
        details: RowDetails { features: vec![Area::Core], satisfied_by: None },
        last_checked_at: now(),
    };
    let inventory = PermissionInventory {
        rows: vec![row],
        source: GrantSource::AppRoleAssignments,
        manifest_version: "2026-11-01".to_owned(),
        last_refreshed_at: now(),
    };
    let said = Said {
        connection: Some(id("3")),
        latest: LatestPart::of(&run.header, completion, RETENTION),
        health: Some((&health).into()),
        inventory: Some(InventoryPart::of(&run.header, &inventory)),
    };
    let item = state_of(&said, &run.header.identity_hash);
    let state = state::to_state(item.clone()).expect("readable");
    assert_eq!(state.health.expect("said").expect("readable"), (id("3"), health));
    assert_eq!(state.inventory.expect("said").expect("readable").inventory, inventory);
    let latest = state.latest.expect("said").expect("readable");
    assert_eq!((latest.previous.run_id, &latest.identity_hash), (run.header.id, &run.header.identity_hash));
    assert_eq!(latest.previous, completion.as_previous(run.header.id));
    assert_eq!(latest.compared_with, completion.compared_with().map(|compared| compared.run_id));
    let end = completion.completed_at + RETENTION;
    assert!(latest.clone().live(end - Duration::from_secs(1)).is_some() && latest.live(end).is_none());

    let mut damaged = item.clone();
    damaged.insert("health".to_owned(), text("gone"));
    let state = state::to_state(damaged).expect("readable");
    assert!(state.latest.expect("said").is_ok() && state.inventory.expect("said").is_ok());
    let Err(Damaged { entity: "state", source, .. }) = state.health.expect("said") else { panic!("read") };
    assert!(matches!(&*source, Unreadable::Part("health", _)), "{source}");

    let mut of_nobody = item;
    of_nobody.remove("connection_id");
    let state = state::to_state(of_nobody).expect("readable");
    assert!(state.latest.expect("said").is_ok(), "it is the run's, whatever the connection");
    assert!(state.health.expect("said").is_err() && state.inventory.expect("said").is_err());
}

#[test]
fn a_report_comes_back_byte_for_byte_and_damage_is_seen() {
    let sealed = testing::seal(None);
    let mut item = report::of_report(&sealed, now(), RETENTION);
    let stored = report::to_report(item.clone()).expect("readable");
    assert_eq!((&stored.json[..], &stored.gzip[..]), (sealed.json(), sealed.gzip()));
    let pack = |text: &[u8]| {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
        gzip.write_all(text).expect("a vector takes everything");
        gzip.finish().expect("finished")
    };
    let (whole, endless) = (sealed.gzip(), [sealed.json(), &vec![b' '; MAX_JSON_BYTES]].concat());
    let mut flipped = whole.to_vec();
    flipped[whole.len() - 8] ^= 1;
    let half = whole[..whole.len() / 2].to_vec();
    for damaged in [half, flipped, [whole, b"x"].concat(), [whole, whole].concat(), pack(&endless), pack(b"no report")]
    {
        item.insert("report".to_owned(), AttributeValue::B(damaged.into()));
        assert!(matches!(report::to_report(item.clone()), Err(Damaged { entity: "report", .. })));
    }
    item.remove("report");
    assert!(matches!(report::to_report(item), Err(Damaged { entity: "report", .. })));
}

#[test]
fn audit_events_hold_ids_and_codes_and_are_kept_longer() {
    let id = EventId::new(now(), 5);
    let mut event = AuditEvent::of_run(id, now(), AuditAction::VerificationBlocked, &header());
    event.reason_code = Some(Reason::TenantNotOperable.into());
    let item = audit::of_event(&event, "token", Duration::from_hours(24 * 400));
    insta::assert_snapshot!("audit_item", show(&item));
    assert_eq!(audit::to_event(item).expect("readable"), event);
    let operator: OperatorArn = "arn:aws:iam::123456789012:user/ada".parse().expect("an ARN");
    for actor in [Actor::System, Actor::Operator(operator)] {
        let bare = AuditEvent::new(id, now(), AuditAction::TenantForgotten, event.workspace_id, actor);
        assert_eq!(audit::to_event(audit::of_event(&bare, "token", RETENTION)).expect("readable"), bare);
    }
}

#[test]
fn the_event_of_a_file_names_it_and_what_changed_with_it() {
    let grant = Membership { workspace_id: id("1"), user_id: user("ada"), role: Role::Owner };
    let changes = DirectoryChanges::of(&Edit::Create(grant));
    let actor = Actor::Operator("arn:aws:iam::123456789012:user/ada".parse().expect("an ARN"));
    let event = AuditEvent::new(EventId::new(now(), 5), now(), AuditAction::DirectoryApplied, id("1"), actor);
    let event = AuditEvent { applied: Some(Applied { digest: FileDigest::of(b"{}"), changes }), ..event };
    let item = audit::of_event(&event, "token", RETENTION);
    insta::assert_snapshot!("applied_item", show(&item));
    assert_eq!(audit::to_event(item).expect("readable"), event);
}

#[test]
fn an_item_of_another_kind_under_a_key_is_corrupt() {
    let item = directory::of_workspace(&Workspace { id: id("1"), name: "MSP".to_owned() });
    let Err(Damaged { entity, key, source }) = directory::to_tenant(item) else { panic!("read") };
    assert_eq!((entity, key.to_string().as_str()), ("tenant", "WORKSPACE#0000000000000001/WORKSPACE"));
    assert!(matches!(&*source, Unreadable::OtherEntity(kind) if kind == "workspace"));
}
