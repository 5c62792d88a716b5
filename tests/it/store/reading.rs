//! What start and worker read before they decide.

use domain::access::{Capability, Denied, Rights, Role};
use domain::check::Verdict;
use domain::connection::ProviderConnection;
use domain::directory::WantedWorkspace;
use domain::operation_run::Initiator;
use domain::tenant::{Tenant, TenantStatus};
use harness::directory;
use store::ExecutionData;

use super::bench::{Bench, RUN_RETENTION};
use super::on_both_emulators;
use super::seeds::{
    claim, complete, connection, finished, header, header_of, id, made, now, open, previous, saved, seed, seed_with,
    tenant, user,
};

on_both_emulators! {
    a_start_reads_rights_tenant_connections_and_slots_in_two_calls,
    a_stranger_has_no_rights,
    every_page_of_a_tenants_connections_is_read,
    an_execution_reads_everything_in_one_call,
    an_execution_without_initiator_or_connection_reads_what_there_is,
    runs_of_a_tenant_whose_entra_tenant_is_anothers_by_now_still_end,
}

async fn a_start_reads_rights_tenant_connections_and_slots_in_two_calls(bench: &Bench) {
    seed(bench).await;
    complete(bench, 40, now()).await;
    open(bench, 41).await;
    drop(bench.proxy.calls());
    let data = bench.store.load_start(id(1), id(2), &user("ada"), None, None, now()).await.unwrap();
    let data = data.open(Capability::RunProvider).unwrap().value;
    assert_eq!(data.tenant, tenant());
    assert_eq!(data.connections, [connection(3)]);
    assert_eq!(data.slots.len(), 1);
    assert_eq!((data.slots[0].connection_id, data.slots[0].run_id), (id(3), id(41)));
    assert_eq!(data.slots[0].identity_hash, header(41).identity_hash);
    let mut calls = bench.proxy.calls();
    calls.sort_by(|one, other| one.operation.cmp(&other.operation));
    let [batch, query] = calls.as_slice() else { panic!("{calls:?}") };
    assert_eq!(batch.operation, "BatchGetItem");
    assert_eq!(
        batch.keys,
        [
            "MEMBER#0000000000000001#ada/TENANT#0000000000000002",
            "MEMBER#0000000000000001#ada/WORKSPACE",
            "TENANT#0000000000000002/TENANT",
        ]
    );
    assert_eq!(
        (query.operation.as_str(), query.keys.as_slice()),
        ("Query", &["TENANT#0000000000000002 ACTIVE# CONNECTION#~".to_owned()][..])
    );
}

async fn a_stranger_has_no_rights(bench: &Bench) {
    seed(bench).await;
    for (workspace, tenant, name) in [(1, 2, "eve"), (9, 2, "ada"), (1, 9, "ada"), (1, 2, "ADA")] {
        let data = bench.store.load_start(id(workspace), id(tenant), &user(name), None, None, now()).await.unwrap();
        let opened = data.open(Capability::ViewVerification).map(drop);
        assert_eq!(opened, Err(Denied::Outsider), "{workspace} {tenant} {name}");
    }
}

async fn every_page_of_a_tenants_connections_is_read(bench: &Bench) {
    // A page ends at 1 MB.
    let wide = |number| ProviderConnection { display_name: "x".repeat(100_000), ..connection(number) };
    let connections: Vec<_> = (3..18).map(wide).collect();
    seed_with(bench, &connections).await;
    let data = bench.store.load_start(id(1), id(2), &user("ada"), None, None, now()).await.unwrap();
    assert_eq!(data.open(Capability::RunProvider).unwrap().value.connections, connections);
}

async fn an_execution_reads_everything_in_one_call(bench: &Bench) {
    seed(bench).await;
    let earlier = complete(bench, 40, now()).await;
    drop(bench.proxy.calls());
    let data = bench.store.load_execution(&header(41), now()).await.unwrap();
    let ExecutionData { rights, tenant: of, connection: with, latest } = data;
    assert_eq!(rights, Rights { membership: Some(Role::Owner), entitlement: Some(Role::Manager) });
    assert_eq!((of, with), (Some(tenant()), Some(connection(3))));
    let latest = latest.unwrap();
    assert_eq!((latest.previous.run_id, &latest.previous), (id(40), &previous(&earlier)));
    let calls = bench.proxy.calls();
    assert_eq!(calls.len(), 1);
    assert_eq!((calls[0].operation.as_str(), calls[0].keys.len()), ("BatchGetItem", 5));

    let expired = bench.store.load_execution(&header(41), now() + RUN_RETENTION).await.unwrap();
    assert_eq!(expired.latest, None);
    assert!(expired.connection.is_some());
}

async fn an_execution_without_initiator_or_connection_reads_what_there_is(bench: &Bench) {
    seed(bench).await;
    let mut system = header_of(41, None);
    system.initiator = Initiator::System;
    let data = bench.store.load_execution(&system, now()).await.unwrap();
    assert_eq!(data.rights, Rights::default());
    assert_eq!((data.tenant, data.connection, data.latest), (Some(tenant()), None, None));
}

async fn runs_of_a_tenant_whose_entra_tenant_is_anothers_by_now_still_end(bench: &Bench) {
    seed(bench).await;
    open(bench, 41).await;
    let other = Tenant { id: id(9), name: "Fabrikam".to_owned(), ..tenant() };
    let replace = |workspace: &mut WantedWorkspace| {
        workspace.tenants[0].tenant.status = TenantStatus::Archived;
        workspace.tenants.push(directory::tenant(&other, &[], &[]));
    };
    directory::change(&bench.store, id(1), now(), replace).await;
    let held = claim(bench, 41, now()).await;
    let finish = |previous| made(finished(&held, now(), Verdict::Pass, previous));
    saved(bench.store.complete(now(), None, finish).await.unwrap());
}
