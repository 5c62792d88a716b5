//! Deploys `template.yaml` itself with SAM: the resources, policies and parameters that run locally are those that run
//! on AWS. Only the place of the code is replaced.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::emulator::{Emulator, REGION};
use crate::functions;
use crate::python::{Python, run_logged};
use crate::template;
use crate::workspace::Workspace;

/// The stage of everything local; part of every credential's name.
pub const STAGE: &str = "local";
pub(crate) const STACK: &str = "tenantcheck";
const BUCKET: &str = "artifacts";
const CREATE_BUCKET: &str = "
import boto3, sys
bucket, region = sys.argv[1:]
s3 = boto3.client('s3')
if bucket not in [each['Name'] for each in s3.list_buckets()['Buckets']]:
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={'LocationConstraint': region})
";

/// Values of the template's parameters that are not its defaults, by name.
pub type Parameters = BTreeMap<&'static str, String>;

/// What the deployed stack says of itself.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Deployed {
    api_id: String,
    /// The table's name.
    pub table_name: String,
    /// The queue between start and worker.
    pub queue_url: String,
    /// The queue of messages that nobody could handle.
    pub dead_letter_queue_url: String,
    /// The function that looks after active runs.
    pub reconciler_function: String,
}

impl Deployed {
    /// The base URL of the API: append `/runs/1`.
    #[must_use]
    pub fn api_url(&self, emulator: &Emulator) -> String {
        format!("{}/_aws/execute-api/{}/$default", emulator.endpoint(), self.api_id)
    }
}

/// Deploys the collected functions, or changes what is there. `folder` keeps what SAM reads and writes.
///
/// # Errors
/// When SAM fails; the text is the end of its output.
pub fn deploy(
    workspace: &Workspace,
    python: &Python,
    emulator: &Emulator,
    folder: &Path,
    parameters: &Parameters,
) -> Result<Deployed> {
    let folder = folder.join("deploy");
    let private = folder.join("sam");
    fs::create_dir_all(&private).with_context(|| format!("cannot create {}", private.display()))?;
    let code = folder.join("functions");
    functions::collect(workspace, &code)?;
    let template = folder.join("template.yaml");
    fs::write(&template, template::with_prebuilt_code(|binary| functions::folder(&code, binary))?)
        .with_context(|| format!("cannot write {}", template.display()))?;

    let mut bucket = emulator.configure(python.code(CREATE_BUCKET));
    bucket.args([BUCKET, REGION]);
    run_logged(bucket, &folder.join("bucket.log"))?;

    let mut sam = emulator.configure(python.sam(&private));
    // It polls every 5 seconds otherwise, which is most of the time of a local deploy.
    sam.current_dir(&folder).env("SAM_CLI_POLL_DELAY", "0.5");
    sam.args(["deploy", "--template-file", "template.yaml", "--stack-name", STACK, "--s3-bucket", BUCKET]);
    sam.args(["--capabilities", "CAPABILITY_NAMED_IAM", "--no-confirm-changeset", "--no-fail-on-empty-changeset"]);
    // The repository's own samconfig.toml is about AWS.
    sam.args(["--config-env", "none", "--parameter-overrides"]);
    for (name, value) in parameters {
        sam.arg(format!("ParameterKey={name},ParameterValue={value}"));
    }
    run_logged(sam, &folder.join("deploy.log"))?;

    let routes = emulator.configure(python.script("routes.py")).arg(STACK).output().context("cannot run routes.py")?;
    serde_json::from_slice(&routes.stdout)
        .with_context(|| format!("the API got no routes: {}", String::from_utf8_lossy(&routes.stderr)))
}
