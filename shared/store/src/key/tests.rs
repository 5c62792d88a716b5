//! Every key as it is formatted.

use std::fmt::Write;

use domain::audit::AuditAction;
use domain::id::EventId;

use super::*;
use crate::testing::{header, id, now, user};

#[test]
fn every_key_is_spelled_in_one_way() {
    let (w, t, c) = (id("1"), id("2"), id("3"));
    let ada = user("auth0|ada#1 ö");
    let header = header();
    let event = AuditEvent::of_run(EventId::new(now(), 5), now(), AuditAction::VerificationStarted, &header);
    let identity = &header.identity_hash;
    let entra_tenant: EntraTenantId = id("AAAAAAAA-bbbb-4ccc-8ddd-eeeeeeeeeeee");
    let mut table = String::new();
    for (what, key) in [
        ("workspace", workspace(w)),
        ("membership", membership(w, &ada)),
        ("entitlement", entitlement(w, &ada, t)),
        ("nobody's membership", nobodys_membership(&ada)),
        ("tenant", tenant(t)),
        ("entra claim", entra_reservation(&entra_tenant)),
        ("connection claim", connection_reservation(c)),
        ("slot", slot(t, c)),
        ("connection", connection(t, c)),
        ("state", state(t, identity)),
        ("acknowledged causes", acknowledged_causes(t, identity)),
        ("idempotency", idempotency(t, &"0123456789abcdef".repeat(4))),
        ("run", run(header.id)),
        ("acknowledgement", acknowledgement(header.id, &CheckKey::INTUNE_APPS)),
        ("report", report(header.id)),
        ("session", session(id("7"))),
        ("audit", audit(&event, "token")),
    ] {
        writeln!(table, "{what:20} {} / {}", key.pk, key.sk).expect("a String takes every write");
    }
    for (what, entry) in [
        ("run of tenant", run_of_tenant(t, header.id)),
        ("session of tenant", session_of_tenant(t, id("7"))),
        ("run of workspace", run_of_workspace(w, header.id)),
        ("unheard since", unheard_since(header.id, now())),
        ("workspace", directory_workspace(w)),
        ("membership", directory_membership(w, &ada)),
        ("entitlement", directory_entitlement(w, &ada, t)),
        ("tenant", directory_tenant(w, t)),
    ] {
        let (pk, sk) = entry.index.attributes();
        writeln!(table, "{what:20} {pk}={} {sk}={}", entry.key.pk, entry.key.sk).expect("a String takes every write");
    }
    insta::assert_snapshot!("keys", table);
}

#[test]
fn keys_sort_as_their_ids_and_stretches_hold_exactly_their_kinds() {
    let t = id("2");
    assert!(run(id("9")).pk < run(id("10")).pk);
    assert_eq!(run(id("9007199254740991")).pk, "RUN#9007199254740991");
    let (least, most) = (id("1"), id("9007199254740991"));
    let state_key = state(t, &header().identity_hash);
    let within = |range: &Range, key: &Key| range.pk == key.pk && range.from <= key.sk && key.sk <= range.to;
    for c in [least, most] {
        // Which of the stretches hold it: that of a start, of a session, of the embedded view, of the permissions.
        for (key, held) in [
            (acknowledged_causes(t, &header().identity_hash), [false, true, true, false]),
            (slot(t, c), [true, true, true, false]),
            (connection(t, c), [true, true, true, true]),
            (state_key.clone(), [false, false, true, true]),
            (tenant(t), [false; 4]),
            (idempotency(t, "f"), [false; 4]),
        ] {
            let stretches = [
                slots_and_connections(t),
                acknowledged_to_connections(t),
                acknowledged_to_state(t),
                connections_to_state(t),
            ];
            assert_eq!(stretches.map(|stretch| within(&stretch, &key)), held, "{key}");
        }
    }
    assert_eq!(identity_of(&state_key).as_ref(), Some(&header().identity_hash));
    assert_eq!(identity_of(&acknowledged_causes(t, &header().identity_hash)), None);
    for key in [run(id("41")), report(id("41")), acknowledgement(id("41"), &CheckKey::INTUNE_APPS)] {
        assert!(within(&whole_run(id("41")), &key), "{key}");
    }
    let ada = user("ada");
    let entitlements = ["1", "9007199254740991"].map(|tenant| entitlement(id("1"), &ada, id(tenant)));
    for key in entitlements.into_iter().chain([membership(id("1"), &ada)]) {
        assert!(within(&rights(id("1"), &ada), &key), "{key}");
    }
    assert_eq!(run_of(&run(id("41")).pk), Some(id("41")));
    assert_eq!(run_of(&session(id("41")).pk), None);
    assert_eq!(session(id("9007199254740991")).pk, "SESSION#9007199254740991");
    assert!(
        run_of_tenant(t, id("9007199254740991")).key.sk < session_of_tenant(t, id("1")).key.sk,
        "no session among runs"
    );
}

#[test]
fn what_is_removed_with_a_tenant_is_all_of_it_and_nothing_of_another() {
    let (t, other, w, ada) = (id("2"), id("12"), id("1"), user("ada#2"));
    let within = |range: &Range, key: &Key| range.pk == key.pk && range.from <= key.sk && key.sk <= range.to;
    let idempotency = Key { sk: "~IDEMPOTENCY#ff".to_owned(), ..tenant(t) };
    for key in [tenant(t), slot(t, id("3")), connection(t, id("3")), state(t, &header().identity_hash), idempotency] {
        assert!(within(&whole_tenant(t), &key), "{key}");
        assert!(!within(&whole_tenant(other), &key), "{key}");
    }
    assert!(within(&slots(t), &slot(t, id("9007199254740991"))) && !within(&slots(t), &connection(t, id("3"))));
    assert!(within(&entered_under(t), &run_of_tenant(t, id("41")).key));

    for name in ["ada#2", "~ada", "~~", "ünal"] {
        assert!(within(&directory_entitlements(w), &directory_entitlement(w, &user(name), t).key), "{name}");
    }
    assert!(!within(&directory_entitlements(w), &directory_membership(w, &ada).key));
    assert!(is_entitlement_to(&entitlement(w, &ada, t), t) && !is_entitlement_to(&entitlement(w, &ada, other), t));
    assert!(!is_entitlement_to(&membership(w, &ada), t));

    let whole = whole_partition_of_run(&run(id("41"))).expect("a run");
    assert!(within(&whole, &run(id("41"))) && within(&whole, &report(id("41"))));
    assert!(whole_partition_of_run(&report(id("41"))).is_none() && whole_partition_of_run(&tenant(t)).is_none());
}

#[test]
fn no_user_id_can_reach_another_ones_partition() {
    let w = id("1");
    let names = ["a", "a#TENANT", "a%23TENANT", "A", "a/b", "a b", "ä"];
    let partitions: std::collections::HashSet<_> = names.iter().map(|name| membership(w, &user(name)).pk).collect();
    assert_eq!(partitions.len(), names.len());
    assert!(partitions.iter().all(|pk| pk.matches('#').count() == 2 && pk.is_ascii()));
}
