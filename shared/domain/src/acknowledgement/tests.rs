//! Who may acknowledge what, and what later reports show of it.

use std::time::Duration;

use super::*;
use crate::evidence::EvidenceKind;
use crate::finding::Found;
use crate::naming::Named;
use crate::testing;

fn finding(status: CheckStatus) -> Finding {
    Finding {
        status: status.as_str().to_owned(),
        severity: "high".to_owned(),
        blocking: true,
        reason_code: "provider_permission_missing".to_owned(),
    }
}

fn person(name: &str) -> Person {
    Person::new(UserId::try_from(name.to_owned()).expect("a user id"), Some("Ada"), None)
}

fn request(reason: &str, expires_at: Option<Timestamp>) -> Request {
    Request { reason: reason.parse().expect("a reason"), expires_at }
}

fn judged(status: CheckStatus, existing: Option<&Acknowledgement>, who: &str, request: Request) -> Judged {
    let about = (testing::run_id(42), CheckKey::INTUNE_APPS, &finding(status));
    judge(about, existing, person(who), request, testing::now())
}

fn cause(run: u64, expires_at: Option<Timestamp>) -> AcknowledgedCause {
    match judged(CheckStatus::Fail, None, "ada", request("known", expires_at)) {
        Judged::New(acknowledgement) => AcknowledgedCause {
            about: findings(finding(CheckStatus::Fail)).about(CheckKey::INTUNE_APPS.as_str()).expect("the check"),
            acknowledgement: Acknowledgement { run_id: testing::run_id(run), ..acknowledgement },
            kept_until: testing::now() + Duration::from_hours(1),
        },
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_reason_has_1_to_160_printable_characters() {
    for text in ["x", " x", "Überall bekannt", &"ä".repeat(160)] {
        assert_eq!(text.parse::<AckReason>().map(String::from), Ok(text.to_owned()));
    }
    for text in ["", " ", "\u{2003}", "a\nb", "\u{1b}[31m", "a\u{202e}b", &"ä".repeat(161)] {
        assert_eq!(text.parse::<AckReason>(), Err(InvalidReason), "{text:?}");
    }
}

#[test]
fn only_what_failed_or_warns_is_acknowledged() {
    for status in CheckStatus::ALL {
        let found = judged(*status, None, "ada", request("known", None));
        match status {
            CheckStatus::Fail | CheckStatus::Warn => assert!(matches!(found, Judged::New(_))),
            CheckStatus::Pass | CheckStatus::Skip => {
                assert_eq!(found, Judged::Refused(Refusal::NothingToAcknowledge));
            }
        }
    }
}

#[test]
fn what_could_not_be_seen_is_not_acknowledged() {
    for reason in Reason::NOTHING_SEEN {
        let unseen = Finding { reason_code: reason.code().to_owned(), ..finding(CheckStatus::Warn) };
        let about = (testing::run_id(42), CheckKey::INTUNE_APPS, &unseen);
        let found = judge(about, None, person("ada"), request("known", None), testing::now());
        assert_eq!(found, Judged::Refused(Refusal::NothingToAcknowledge), "{}", reason.code());
    }
}

#[test]
fn the_same_again_is_the_same_even_when_it_has_expired_meanwhile() {
    let end = testing::now() - Duration::from_secs(1);
    let existing = Acknowledgement { expires_at: Some(end), ..cause(42, None).acknowledgement };
    let again = |who, reason, end| judged(CheckStatus::Fail, Some(&existing), who, request(reason, end));
    assert_eq!(again("ada", "known", Some(end)), Judged::Repeated(existing.clone()));
    let already = Judged::Refused(Refusal::AlreadyAcknowledged);
    assert_eq!(again("ada", "known", None), already);
    assert_eq!(again("ada", "other", Some(end)), already);
    assert_eq!(again("grace", "known", Some(end)), already);
}

#[test]
fn nothing_is_acknowledged_until_yesterday() {
    let until = |end| judged(CheckStatus::Warn, None, "ada", request("known", Some(end)));
    assert_eq!(until(testing::now() - Duration::from_millis(1)), Judged::Refused(Refusal::Expired));
    assert!(matches!(until(testing::now()), Judged::New(_)));
}

fn named(name: &str) -> Named {
    Named { kind: EvidenceKind::MissingPermission.to_string(), value: name.to_owned() }
}

fn findings(finding: Finding) -> Findings {
    let found = Found { finding, named: [named("A")].into(), is_whole: true };
    Findings {
        fingerprint: crate::fingerprint::Fingerprint::of(&[]),
        client_id: Some("an app".to_owned()),
        checks: [(CheckKey::INTUNE_APPS.as_str().to_owned(), found)].into(),
    }
}

#[test]
fn of_several_the_last_that_still_counts_is_shown() {
    let now = testing::now();
    let causes = [cause(40, None), cause(42, Some(now + Duration::from_mins(1))), cause(41, None)];
    let shown = |run, at| {
        let shown = previously(testing::run_id(run), &findings(finding(CheckStatus::Fail)), &causes, at);
        shown.iter().map(|earlier| earlier.run_id.get()).collect::<Vec<_>>()
    };
    assert_eq!(shown(50, now), [42]);
    assert_eq!(shown(42, now), [41], "what came after a run is not shown by it");
    assert_eq!(shown(50, now + Duration::from_mins(2)), [41], "one that ended uncovers the one before");
}

#[test]
fn what_is_not_shown_any_more_makes_room_and_then_the_oldest_does() {
    let now = testing::now();
    let ended = cause(7, Some(now));
    let mut causes: Vec<_> = (100..199).map(|run| cause(run, None)).collect();
    assert_eq!(outdated(&causes, now), Vec::<&AcknowledgedCause>::new());
    causes.push(ended.clone());
    assert_eq!(outdated(&causes, now), [&ended]);
    causes.push(cause(200, None));
    assert_eq!(outdated(&causes, now), [&ended, &causes[0]]);
}

#[test]
fn a_later_report_shows_it_while_it_says_the_same_and_it_has_not_expired() {
    let now = testing::now();
    let same = findings(finding(CheckStatus::Fail));
    let shown = |run, findings: &Findings, cause: AcknowledgedCause| {
        !previously(testing::run_id(run), findings, &[cause], now).is_empty()
    };
    assert!(shown(43, &same, cause(42, None)));
    assert!(shown(43, &same, cause(42, Some(now + Duration::from_secs(1)))));
    assert!(!shown(43, &same, cause(42, Some(now))), "it has expired");
    assert!(!shown(43, &same, AcknowledgedCause { kept_until: now, ..cause(42, None) }), "its run is gone");
    assert!(!shown(42, &same, cause(42, None)), "it is the run's own");
    assert!(!shown(41, &same, cause(42, None)), "the run is older");
    for other in [
        finding(CheckStatus::Warn),
        Finding { severity: "low".to_owned(), ..finding(CheckStatus::Fail) },
        Finding { blocking: false, ..finding(CheckStatus::Fail) },
        Finding { reason_code: "throttled".to_owned(), ..finding(CheckStatus::Fail) },
    ] {
        assert!(!shown(43, &findings(other), cause(42, None)));
    }
}

fn found(findings: &mut Findings) -> &mut Found {
    findings.checks.values_mut().next().expect("the check")
}

#[test]
fn what_names_something_else_or_is_of_another_app_is_not_acknowledged() {
    let shown = |change: fn(&mut Findings, &mut AcknowledgedCause)| {
        let (mut findings, mut cause) = (findings(finding(CheckStatus::Fail)), cause(42, None));
        change(&mut findings, &mut cause);
        !previously(testing::run_id(43), &findings, &[cause], testing::now()).is_empty()
    };
    assert!(shown(|_, _| {}));
    assert!(!shown(|findings, _| found(findings).named.extend([named("B")])), "one more");
    assert!(!shown(|findings, _| found(findings).named.clear()), "one less");
    assert!(!shown(|findings, _| found(findings).is_whole = false), "nobody knows what else it names");
    assert!(!shown(|findings, _| findings.client_id = Some("another app".to_owned())));
    assert!(!shown(|findings, _| findings.client_id = None));
    assert!(!shown(|_, cause| cause.about.naming = None), "an earlier program did not tell what it named");
}
