//! Recorded AWS calls as text for snapshots: one line for each step of a flow, with what differs between two runs of a test taken
//! out.

use harness::fault_proxy::Call;

/// Prints calls as steps. `sizes` says how many calls each step makes side by side; their order within the step means nothing.
///
/// # Panics
/// When there are more or fewer calls than that.
pub(crate) fn steps(calls: &[Call], sizes: &[usize]) -> String {
    assert_eq!(calls.len(), sizes.iter().sum::<usize>(), "{calls:#?}");
    let mut rest = calls;
    let mut text = String::new();
    for (number, size) in sizes.iter().enumerate() {
        let (step, others) = rest.split_at(*size);
        rest = others;
        let mut lines: Vec<_> = step.iter().map(line).collect();
        lines.sort();
        for line in lines {
            text += &format!("({}) {line}\n", number + 1);
        }
    }
    text
}

fn line(call: &Call) -> String {
    let keys: Vec<_> = call.keys.iter().map(|key| stable(key)).collect();
    if keys.is_empty() { call.operation.clone() } else { format!("{} {{{}}}", call.operation, keys.join(", ")) }
}

/// The key without run ids, hashes, minutes and the places of audit events. The scene's own ids are small and stay.
fn stable(key: &str) -> String {
    let audit = key.split_once("AUDIT#").map(|(before, _)| format!("{before}AUDIT"));
    let key = audit.unwrap_or_else(|| key.to_owned());
    let counter = key.split_once("STARTS#").map(|(before, _)| format!("{before}STARTS"));
    let key = counter.unwrap_or(key);
    let word = |word: &str| {
        let digits = word.len() == 16 && word.bytes().all(|byte| byte.is_ascii_digit());
        match word {
            _ if digits && !word.starts_with("0000000") => "r".to_owned(),
            _ if digits => word.trim_start_matches('0').to_owned(),
            _ if word.len() == 64 => "hash".to_owned(),
            _ => word.to_owned(),
        }
    };
    let mut text = String::new();
    for part in key.split_inclusive(['#', '/', ' ']) {
        let end = part.len() - usize::from(part.ends_with(['#', '/', ' ']));
        text += &word(&part[..end]);
        text += &part[end..];
    }
    text
}
