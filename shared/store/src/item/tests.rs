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
use domain::operation_run::RunState;
use domain::reason::Reason;
use domain::report::MAX_JSON_BYTES;
use domain::tenant::{Tenant, TenantStatus};
use flate2::Compression;
use flate2::write::GzEncoder;

use super::*;
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
fn health_and_slot_come_back_from_their_items() {
    let health = ConnectionHealth {
        verification_status: VerificationStatus::Error,
        last_verified_at: now(),
        last_error_reason_code: Some(Reason::Throttled.into()),
        run_id: id("41"),
    };
    let item = health::of_health(id("2"), id("3"), &health);
    assert_eq!(health::to_health(item).expect("readable"), (id("3"), health));

    let header = header();
    let item = slot::of_run(&header, id("2"), id("3"), "token");
    insta::assert_snapshot!("slot_item", show(&item));
    let slot = slot::to_slot(item).expect("readable");
    assert_eq!((slot.connection_id, slot.run_id, &slot.identity_hash), (id("3"), header.id, &header.identity_hash));
}

#[test]
fn the_latest_run_comes_back_and_expires_with_its_run() {
    let (_, run) = testing::runs().into_iter().find(|(name, _)| *name == "succeeded").expect("a succeeded run");
    let RunState::Completed(completion) = &run.state else { panic!("completed") };
    let item = latest::of_run(&run.header, id("2"), completion, RETENTION);
    assert_eq!(item.get("ttl"), Some(&number((completion.completed_at + RETENTION).as_seconds())));
    let latest = latest::to_latest(item).expect("readable");
    assert_eq!(latest.previous.run_id, run.header.id);
    assert_eq!(latest.previous.fingerprint, completion.report.fingerprint);
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
