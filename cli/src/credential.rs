//! `tenantcheck credential put`: a credential goes into the parameter store checked, in the one form that the worker reads, and
//! encrypted. Files with a password are opened here, where they stop nobody else.

mod certificate_file;
mod secret_input;

use std::fmt::Write as _;
use std::fs;

use aws_sdk_ssm::Client;
use aws_sdk_ssm::error::SdkError;
use aws_sdk_ssm::operation::put_parameter::PutParameterError;
use aws_sdk_ssm::types::{ParameterStringFilter, ParameterTier, ParameterType};
use domain::time::Timestamp;
use secrecy::{ExposeSecret, SecretString};

use crate::arguments::Put;
use crate::chain::Chain;
use crate::exit::{CommandError, Exit};
use crate::print::print;

use certificate_file::CertificateFile;
pub use certificate_file::InvalidFile;
use secret_input::ask;

/// The largest value of a parameter, in the advanced tier (AWS Systems Manager, "Managing parameter tiers").
const MAX_BYTES: usize = 8 * 1024;

/// What is stored, and what people are told about it.
struct Checked {
    value: SecretString,
    about: String,
}

/// Stores a credential.
///
/// # Errors
/// [`CommandError`] when it cannot be one, or the parameter store does not take it.
pub async fn put(client: &Client, arguments: &Put, now: Timestamp) -> Result<Exit, CommandError> {
    let checked = match &arguments.file {
        Some(path) => {
            let file =
                fs::read(path).map_err(|error| unusable(format_args!("cannot read {}: {error}", path.display())))?;
            certificate(&file, now).map_err(|error| unusable(format_args!("{}: {error}", path.display())))?
        }
        None => client_secret()?,
    };
    if checked.value.expose_secret().len() > MAX_BYTES {
        return Err(unusable(format_args!("the parameter store takes at most {MAX_BYTES} bytes")));
    }
    let name = arguments.reference.as_str();
    let key = match &arguments.kms_key {
        None if arguments.replace => key_of(client, name).await?,
        given => given.clone(),
    };
    let stored = client
        .put_parameter()
        .name(name)
        .value(checked.value.expose_secret())
        .r#type(ParameterType::SecureString)
        // The standard tier costs nothing and takes 4 KB; what needs the other one gets it.
        .tier(ParameterTier::IntelligentTiering)
        .overwrite(arguments.replace)
        .set_key_id(key.clone());
    let stored = stored.send().await.map_err(|error| refused(name, &error))?;
    let mut text = format!("{name} holds {}", checked.about);
    if let Some(tier) = stored.tier() {
        write!(text, "; version {}, {} tier", stored.version(), tier.as_str().to_ascii_lowercase())
            .expect("memory takes it");
    }
    if let Some(key) = key {
        write!(text, ", encrypted with {key}").expect("memory takes it");
    }
    print(&(text + "\n"))?;
    Ok(Exit::Done)
}

/// The key that encrypts what is stored: whoever chose one wants what replaces it encrypted with it too, and AWS would take the account's
/// own. None where nothing is stored.
async fn key_of(client: &Client, name: &str) -> Result<Option<String>, CommandError> {
    let filter = ParameterStringFilter::builder().key("Name").option("Equals").values(name).build();
    let filter = filter.expect("the key is set");
    let asked = client.describe_parameters().parameter_filters(filter).send().await;
    let described = asked.map_err(|error| {
        let why = Chain(&error);
        unusable(format_args!("which key encrypts {name} cannot be found out, so name it with --kms-key: {why}"))
    })?;
    Ok(described.parameters().first().and_then(|parameter| parameter.key_id().map(str::to_owned)))
}

/// A certificate that Entra takes, at this time.
fn certificate(file: &[u8], now: Timestamp) -> Result<Checked, InvalidFile> {
    let file = CertificateFile::read(file, || ask("Password of the file: "))?;
    let certificate = &file.certificate;
    if certificate.expires_at() <= now {
        return Err(InvalidFile::Expired(certificate.expires_at()));
    }
    if certificate.valid_from() > now {
        return Err(InvalidFile::Early(certificate.valid_from()));
    }
    let about = format!(
        "a certificate with an RSA key of {} bits, SHA-1 thumbprint {}, valid until {}",
        certificate.bits(),
        certificate.sha1_hex(),
        certificate.expires_at()
    );
    Ok(Checked { value: file.pem, about })
}

fn client_secret() -> Result<Checked, CommandError> {
    let value = ask("Client secret: ").map_err(|error| unusable(format_args!("the secret cannot be read: {error}")))?;
    if value.expose_secret().trim().is_empty() {
        return Err(unusable("no secret was given"));
    }
    Ok(Checked { value, about: "a client secret; its end is known to Entra alone".to_owned() })
}

/// Something that the operator has to correct.
fn unusable(told: impl std::fmt::Display) -> CommandError {
    CommandError::new(Exit::Usage, format_args!("{told}\nnothing was stored"))
}

fn refused(name: &str, error: &SdkError<PutParameterError>) -> CommandError {
    match error.as_service_error() {
        Some(PutParameterError::ParameterAlreadyExists(_)) => {
            unusable(format_args!("{name} holds something already; --replace replaces it"))
        }
        // A parameter keeps the type that it was made with.
        Some(PutParameterError::HierarchyTypeMismatchException(_)) => {
            unusable(format_args!("{name} is no SecureString and cannot become one; delete it first"))
        }
        _ => CommandError::new(Exit::Failed, format_args!("the parameter store did not take it: {}", Chain(error))),
    }
}
