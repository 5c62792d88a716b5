//! RIGHTS.md: each role of the template as a table, with the reasons that stand in its metadata. What has a star says why.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::Path;

use harness::template::part;
use serde_json::Value;

use super::iam::each;

/// Roles and the operators' policy, in the order of the template's functions.
const ROLES: [(&str, &str); 6] = [
    ("StartRole", "start"),
    ("AcknowledgeRole", "acknowledge"),
    ("ViewerRole", "viewer"),
    ("WorkerRole", "worker"),
    ("ReconcilerRole", "reconciler"),
    ("OperatorPolicy", "operators"),
];

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../RIGHTS.md");

struct Role {
    who: &'static str,
    statements: Vec<Value>,
    reasons: BTreeMap<String, String>,
}

fn roles() -> Vec<Role> {
    let role = |(name, who): (&str, &'static str)| {
        let of = |rest: &str| format!("/Resources/{name}/{rest}");
        let inline = part(&of("Properties/Policies/0/PolicyDocument/Statement"));
        let statements = inline.or_else(|_| part(&of("Properties/PolicyDocument/Statement"))).unwrap();
        Role { who, statements, reasons: part(&of("Metadata/Rights")).unwrap() }
    };
    ROLES.into_iter().map(role).collect()
}

/// A resource without what all of them have: partition, region and account.
fn short(resource: &str) -> String {
    let of_account = resource.replace("arn:${AWS::Partition}:", "").replace(":${AWS::Region}:${AWS::AccountId}:", " ");
    of_account.replace("${Stage}", "STAGE").replace("${TableSuffix}", "").replace(".Arn", "")
}

fn conditions(statement: &Value) -> String {
    let mut text = String::new();
    for (operator, keys) in statement["Condition"].as_object().into_iter().flatten() {
        for (key, values) in keys.as_object().unwrap() {
            let said = match (key.as_str(), values) {
                ("dynamodb:Attributes", values) => format!("{} attributes", each(values).len()),
                (_, Value::Number(number)) => number.to_string(),
                (_, values) => each(values).iter().map(|it| format!("`{}`", short(it))).collect::<Vec<_>>().join(" "),
            };
            write!(text, "<br>{operator} {key}: {said}").unwrap();
        }
    }
    text
}

/// A resource, or those of which a condition of the template chooses: the one of a parameter, or another.
fn resources(statement: &Value) -> Vec<&str> {
    each(&statement["Resource"]).into_iter().filter(|it| *it != "HasCredentialKey").collect()
}

#[test]
fn the_table_of_rights_is_that_of_the_template() {
    let mut text = "# Rights\n\nWhat each function's role and the operators' policy (`OperatorPolicyArn`) allow. Made from `template.yaml` by \
                    `UPDATE_EXAMPLES=1 cargo test --test it deployed::rights`; CI holds that it is up to date. The lists of attributes \
                    stand in the template.\n\n| who | may | on | why |\n|---|---|---|---|\n"
        .to_owned();
    for role in roles() {
        assert_eq!(role.reasons.len(), role.statements.len(), "{}: every right has a reason", role.who);
        for statement in &role.statements {
            let sid = statement["Sid"].as_str().unwrap();
            let reason = role.reasons.get(sid).unwrap_or_else(|| panic!("{}: why {sid}?", role.who)).trim();
            let actions = each(&statement["Action"]).join("<br>");
            let on: Vec<_> = resources(statement).into_iter().map(|it| format!("`{}`", short(it))).collect();
            let on = on.join("<br>").replace("`CredentialKeyArn`<br>", "`CredentialKeyArn`, if it is given, else ");
            let on = on + &conditions(statement);
            writeln!(text, "| {} | {actions} | {on} | {reason} |", role.who).unwrap();
        }
    }
    if std::env::var_os("UPDATE_EXAMPLES").is_some() {
        fs::write(FILE, &text).unwrap();
    }
    let stored = fs::read_to_string(Path::new(FILE)).unwrap_or_default();
    assert_eq!(stored, text, "RIGHTS.md is old: UPDATE_EXAMPLES=1 cargo test --test it deployed::rights");
}

/// The actions that know no resource: <https://docs.aws.amazon.com/service-authorization/latest/reference/>.
const WITHOUT_RESOURCE: [&str; 2] = ["sts:GetWebIdentityToken", "ssm:DescribeParameters"];

#[test]
fn no_action_and_no_resource_is_wider_than_it_must_be() {
    for Role { who, statements, .. } in roles() {
        for statement in statements {
            for action in each(&statement["Action"]) {
                assert!(!action.contains('*'), "{who}: {action}");
            }
            for resource in resources(&statement) {
                let star = resource.find('*');
                let is_of_stage =
                    resource.ends_with("/tenantcheck/${Stage}/*") || resource.ends_with(":tenantcheck/${Stage}/*");
                // Any key, but only for what lies under a name of this stage.
                let is_key = resource.ends_with(":key/*") && !conditions(&statement).is_empty();
                let has_none =
                    resource == "*" && each(&statement["Action"]).iter().all(|it| WITHOUT_RESOURCE.contains(it));
                assert!(star.is_none() || is_of_stage || is_key || has_none, "{who}: {resource}");
            }
            if each(&statement["Action"]).iter().any(|it| it.starts_with("kms:")) {
                let conditions = conditions(&statement);
                assert!(conditions.contains("kms:ViaService") && conditions.contains("${AWS::URLSuffix}"), "{who}");
                assert!(
                    conditions.contains("kms:EncryptionContext:") && conditions.contains("tenantcheck/STAGE/*"),
                    "{who}"
                );
            }
        }
    }
}

#[test]
fn each_function_has_a_role_of_its_own_and_only_the_worker_reads_credentials() {
    let resources: serde_json::Map<String, Value> = part("/Resources").unwrap();
    let functions = resources.iter().filter(|(_, it)| it["Type"] == "AWS::Serverless::Function");
    for (name, function) in functions {
        let role = name.replace("Function", "Role");
        assert_eq!(function["Properties"]["Role"], format!("{role}.Arn"));
        assert!(function["Properties"].get("Policies").is_none(), "{name}: SAM would make a role with more rights");
        assert!(resources[&role]["Properties"].get("ManagedPolicyArns").is_none(), "{name}");
    }
    for role in roles() {
        let reads_secrets = role.statements.iter().flat_map(|it| each(&it["Action"])).any(|action| {
            ["ssm:GetParameter", "secretsmanager:", "kms:Decrypt"].iter().any(|secret| action.starts_with(secret))
        });
        assert_eq!(reads_secrets, role.who == "worker", "{}", role.who);
    }
    // Federated customers trust it by its ARN: a stack that is made anew has the same.
    let name: String = part("/Resources/WorkerRole/Properties/RoleName").unwrap();
    assert_eq!(name, "tenantcheck-${Stage}-worker-${AWS::Region}");
    let longest_stage = 24;
    assert!(name.len() - "${Stage}${AWS::Region}".len() + longest_stage + "ap-northeast-1".len() <= 64, "IAM's limit");
    let stage: String = part("/Parameters/Stage/AllowedPattern").unwrap();
    assert_eq!(stage, format!("[a-z][a-z0-9-]{{0,{}}}", longest_stage - 1));
}
