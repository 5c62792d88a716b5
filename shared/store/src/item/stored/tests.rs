//! What a stretch gives when one of its items is not what this program writes.

use std::error::Error;

use domain::access::Role;

use super::*;
use crate::item::text;
use crate::key;
use crate::testing::{header, id, user};

type Damage = fn(&mut Item);

/// The memberships of ada and grace, and the slot of connection 3.
fn stretch() -> Vec<Item> {
    let membership = |name| Membership { workspace_id: id("1"), user_id: user(name), role: Role::Operator };
    let memberships = ["ada", "grace"].map(|name| directory::of_membership(&membership(name)));
    memberships.into_iter().chain([slot::of_run(&header(), id("2"), id("3"), "token")]).collect()
}

#[test]
fn what_a_newer_program_wrote_is_passed_over_and_is_no_damage() {
    let mut items = stretch();
    items[0].insert("entity".to_owned(), text("team"));
    items[1].insert("colour".to_owned(), text("blue"));
    let stored = Stored::of(items);
    assert_eq!((stored.memberships.len(), stored.slots.len(), stored.damaged.len()), (1, 1, 0));
}

#[test]
fn a_damaged_item_takes_nothing_else_with_it_and_nothing_that_it_holds_is_told() {
    let broken: [(&str, Damage); 5] = [
        ("membership", |item| drop(item.remove("role"))),
        ("membership", |item| drop(item.insert("role".to_owned(), text("hunter2")))),
        ("tenant", |item| drop(item.insert("entity".to_owned(), text("tenant")))),
        ("unmarked", |item| drop(item.insert("entity".to_owned(), crate::item::number(1)))),
        ("unmarked", |item| drop(item.remove("entity"))),
    ];
    for (entity, damage) in broken {
        let mut items = stretch();
        damage(&mut items[0]);
        let mut stored = Stored::of(items);
        assert_eq!((stored.memberships.len(), stored.slots.len(), stored.damaged.len()), (1, 1, 1));
        assert!(stored.damage_of(&key::membership(id("1"), &user("grace"))).is_none());
        let damaged = stored.damage_of(&key::membership(id("1"), &user("ada"))).expect("it is told by its key");
        assert_eq!((damaged.entity, stored.damaged.len()), (entity, 0));
        let told = format!("{damaged}: {}", damaged.source);
        assert!(!told.contains("hunter2") && damaged.source.as_ref().source().is_none(), "{told}");
    }
}
