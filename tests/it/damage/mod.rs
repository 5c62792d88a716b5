//! One damaged item takes down nothing but itself: each kind of stored item is damaged in each way, everything that shows or starts
//! something is asked, and the table that a person can review says what each answered.

mod logged;
mod probes;
mod ways;
mod world;

use std::fmt::Write;

use harness::damage::told;

use probes::{ASKED, ask};
use ways::ways;
use world::World;

use crate::table::text;

/// The damage of these kinds of items in a world, as a table: what is answered while nothing is damaged, and for each way of damage
/// what is answered otherwise.
async fn table(world: &World, kinds: &[&str]) -> String {
    let whole = world.everything().await;
    let sound = ask(world).await;
    assert_eq!(told(), [""; 0], "nothing is damaged yet");
    world.restore(&whole).await;
    let mut table = format!("nothing damaged\n{}", lines(&sound, None));
    for kind in kinds {
        writeln!(table, "\n{kind}").unwrap();
        let item = world.item(&whole, kind);
        let key = format!("{}/{}", text(item, "pk"), text(item, "sk"));
        let mut found: Vec<(Vec<&str>, String)> = Vec::new();
        for (way, damaged) in ways(kind, item) {
            world.put(damaged).await;
            let answers = ask(world).await;
            world.restore(&whole).await;
            let told = told();
            assert!(told.iter().all(|told| told.ends_with(&key)), "{kind}, {way}: {told:?}");
            let left_out = if told.is_empty() { "" } else { "    left out of an answer, and told\n" };
            let lines = lines(&answers, Some(&sound)) + left_out;
            match found.last_mut() {
                Some((ways, last)) if *last == lines => ways.push(way),
                Some(_) | None => found.push((vec![way], lines)),
            }
        }
        for (ways, lines) in found {
            let lines = if lines.is_empty() { "    all the same\n" } else { &lines };
            write!(table, "  {}:\n{lines}", ways.join(", ")).unwrap();
        }
    }
    table
}

/// A line for each answer that is not as it was before.
fn lines(answers: &[String], before: Option<&[String]>) -> String {
    let changed = |place: usize| before.is_none_or(|before| before[place] != answers[place]);
    let places = (0..answers.len()).filter(|place| changed(*place));
    places.map(|place| format!("    {:<34}{}\n", ASKED[place], answers[place])).collect()
}

#[tokio::test]
async fn a_damaged_item_takes_down_nothing_but_itself() {
    let world = World::completed().await;
    let kinds = [
        "run",
        "report",
        "state",
        "latest run of a state",
        "health of a state",
        "inventory of a state",
        "default connection",
        "other connection",
        "acknowledgement",
        "acknowledged causes",
        "idempotency record",
        "audit event",
        "session",
        "entitlement to another tenant",
    ];
    insta::assert_snapshot!("beside_completed_runs", table(&world, &kinds).await);
}

#[tokio::test]
async fn a_damaged_active_run_or_slot_takes_down_nothing_but_its_connection() {
    let world = World::active().await;
    insta::assert_snapshot!("beside_an_active_run", table(&world, &["slot", "active run"]).await);
}

#[tokio::test]
async fn damaged_rights_are_no_rights() {
    let world = World::completed().await;
    let kinds = ["own membership", "own entitlement", "own tenant"];
    insta::assert_snapshot!("without_readable_rights", table(&world, &kinds).await);
}
