//! The numbers of OPERATIONS.md, "Fair shares", are those of the template and of COST.md.

use std::fs;
use std::path::Path;

use harness::template::part;

use super::lambda::{batch_size, concurrency_of};

/// What one partition takes of writes in a second, as AWS says.
const UNITS_A_SECOND: u32 = 1000;

/// Over so many partitions active runs are spread.
const SHARDS: u32 = 8;

fn document(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name);
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn parameter(name: &str) -> u32 {
    part(&format!("/Parameters/{name}/Default")).expect("the parameter has a number")
}

/// How often a verification writes an item of this kind, and with it its entry in an index.
fn writes(kind: &str) -> u32 {
    let cost = document("COST.md");
    let rows = cost.lines().filter(|line| line.contains(&format!("Item {kind} |")));
    let rows: Vec<&str> = rows.collect();
    // One unit each time: the item is below a kilobyte.
    let bytes = |row: &str| row.split('|').nth(3).and_then(|it| it.trim().parse::<u32>().ok()).expect("a size");
    assert!(rows.iter().all(|row| bytes(row) <= 1024), "{rows:?}");
    u32::try_from(rows.len()).expect("a few")
}

#[test]
fn the_numbers_of_the_document_are_those_of_the_template() {
    let text = document("OPERATIONS.md");
    let (_, section) = text.split_once("## Fair shares\n").expect("there is such a section");
    let section = section.split("\n## ").next().unwrap_or_default();
    let places = ["small", "large"].map(|size| concurrency_of(size) * usize::try_from(batch_size()).expect("a few"));
    let (requests, of_runs, of_slots) = (parameter("RequestsPerSecond"), writes("RUN"), writes("ACTIVE"));
    let budget: String = part("/Mappings/Times/60/CheckBudget").expect("the template has a budget");
    for told in [
        format!("{requests} requests a second (`RequestsPerSecond`"),
        format!("(`StartsPerMinute`, {})", parameter("StartsPerMinute")),
        format!("a check has {budget} s, an invocation {}", parameter("WorkerTimeoutSeconds")),
        format!(
            "The smallest deployment has {} places (three batches of ten), the large one {}.",
            places[0], places[1]
        ),
        format!(
            "1,000 slow runs before it are {} minutes, in the large deployment {}.",
            1000 / places[0],
            1000 / places[1]
        ),
        format!("one workspace writes {} of its", requests * of_runs),
        format!("all together write {} in", requests * of_slots),
        format!("above {} lets", UNITS_A_SECOND / of_runs),
        format!("the shards last for {}", UNITS_A_SECOND * SHARDS / of_slots),
    ] {
        assert!(section.replace('\n', " ").contains(&told), "OPERATIONS.md does not say: {told}");
    }
}
