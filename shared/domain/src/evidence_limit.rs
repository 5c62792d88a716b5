//! Keeps a report within its size: evidence is cut from the end, and the check that lost some says how many items.

use std::borrow::Cow;

use crate::check::Check;

/// The search for the limit ends when it is known to one part in so many of what is kept: seconds are worth more than the last percent.
const PRECISION: usize = 64;

/// How the message of a check ends that lost evidence.
const LOST: &str = " of evidence left out.)";

/// Whether this is the message of a check that lost evidence.
pub(crate) fn has_lost(message: &str) -> bool {
    message.ends_with(LOST)
}

/// What `make` makes of the most evidence with which it makes anything: of all of it, else of as many items as a search finds
/// within some ten tries. None when `make` makes nothing even of checks without evidence.
pub(crate) fn most<T, E>(checks: &[Check], make: impl Fn(&[Check]) -> Result<Option<T>, E>) -> Result<Option<T>, E> {
    if let Some(whole) = make(checks)? {
        return Ok(Some(whole));
    }
    let all = checks.iter().map(|check| check.evidence.len()).sum();
    let Some(mut best) = make(&keep(checks, 0))? else { return Ok(None) };
    let (mut fits, mut too_many) = (0_usize, all);
    while too_many - fits > 1 + fits / PRECISION {
        let middle = fits.midpoint(too_many);
        match make(&keep(checks, middle))? {
            Some(more) => (best, fits) = (more, middle),
            None => too_many = middle,
        }
    }
    Ok(Some(best))
}

/// The checks with their first `left` items of evidence, counted over all of them in their order.
fn keep(checks: &[Check], mut left: usize) -> Vec<Check> {
    let shortened = checks.iter().map(|check| {
        let kept = check.evidence.len().min(left);
        left -= kept;
        let message = match check.evidence.len() - kept {
            0 => check.message.clone(),
            1 => Cow::Owned(format!("{} (1 item{LOST}", check.message)),
            lost => Cow::Owned(format!("{} ({lost} items{LOST}", check.message)),
        };
        Check {
            key: check.key.clone(),
            message,
            evidence: check.evidence[..kept].to_vec(),
            next_steps: check.next_steps.clone(),
            ..*check
        }
    });
    shortened.collect()
}

#[cfg(test)]
mod tests;
