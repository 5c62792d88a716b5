//! The template's alarms: each is provoked once by trouble in a deployed stack, or by values that such trouble was measured with, and a
//! healthy soak provokes none. RUNBOOK.md has a section for each.

mod alarm;
mod outage;
mod soak;

use std::collections::BTreeSet;
use std::fs;

use alarm::{Alarm, Period, metric};
use serde_json::{Value, json};

const RUNBOOK: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../RUNBOOK.md");

/// Adds what the functions counted in these lines of their log.
fn add_counted(log: &str, period: &mut Period) {
    for document in log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()) {
        for described in document["_aws"]["CloudWatchMetrics"].as_array().into_iter().flatten() {
            assert_eq!((&described["Namespace"], &document["stage"]), (&json!("tenantcheck"), &json!("local")));
            let dimensions = described["Dimensions"][0].as_array().unwrap().iter().filter_map(Value::as_str);
            let of: Vec<&str> =
                dimensions.filter(|it| *it != "stage").map(|it| document[it].as_str().unwrap()).collect();
            let name = described["Metrics"][0]["Name"].as_str().unwrap();
            *period.entry(metric(name, &of.join(" "))).or_default() += document[name].as_f64().unwrap();
        }
    }
}

/// Adds what API Gateway counts of answers.
fn add_answers(statuses: &[u16], period: &mut Period) {
    let errors = statuses.iter().filter(|status| **status >= 500).count();
    for (name, count) in [("Count", statuses.len()), ("5xx", errors)] {
        *period.entry(name.to_owned()).or_default() += f64::from(u32::try_from(count).unwrap());
    }
}

/// Whoever is called at night opens the runbook at the alarm's name.
#[test]
fn each_alarm_has_its_section_in_the_runbook_and_tells_somebody() {
    let runbook = fs::read_to_string(RUNBOOK).unwrap();
    let alarms = Alarm::all();
    // A function's crashes and throttles share a section each.
    let section = |name: &str| match name {
        name if name.ends_with("Crashes") => "Crashes".to_owned(),
        name if name.ends_with("Throttles") => "Throttles".to_owned(),
        name => name.to_owned(),
    };
    let wanted: BTreeSet<String> = alarms.iter().map(|alarm| section(&alarm.name)).collect();
    let sections: Vec<(&str, &str)> =
        runbook.split("\n### ").skip(1).filter_map(|text| text.split_once('\n')).collect();
    let found: BTreeSet<String> = sections.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(found, wanted);
    for (name, text) in sections {
        for part in ["**Means.**", "**Look.**", "**Do.**"] {
            assert!(text.contains(part), "{name} lacks {part}");
        }
    }
    for alarm in alarms {
        let pointer = format!("RUNBOOK.md, {}.", section(&alarm.name));
        assert!(alarm.description.ends_with(&pointer), "{}: {}", alarm.name, alarm.description);
        assert_eq!(alarm.actions[0], "HasAlarmTopic", "{}", alarm.name);
    }
}
