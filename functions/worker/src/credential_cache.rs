//! Credentials from the parameter store. A secret is kept for five minutes under its parameter's name, read by one caller at a time
//! however many wait for it, and dropped as soon as Entra refuses it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use aws_sdk_ssm::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_ssm::operation::get_parameter::GetParameterError;
use domain::credential::CredentialReference;
use domain::reason::Reason;
use secrecy::SecretString;

/// Long enough to spare the parameter store in a bulk run, short enough that a rotated secret is picked up soon.
const LIFETIME: Duration = Duration::from_mins(5);

/// A function that serves more connections than this in five minutes reads some of their secrets twice.
const MAX_ENTRIES: usize = 256;

/// Why a secret could not be read.
#[derive(Debug, thiserror::Error)]
pub enum StoredSecretError {
    /// The parameter is not there, empty or not readable: the run is blocked for this reason.
    #[error("the credential cannot be used: {}", .0.code())]
    Unusable(Reason),
    /// The parameter store is in trouble: the delivery is tried again.
    #[error("the parameter store did not answer")]
    Unavailable(#[source] Box<SdkError<GetParameterError>>),
}

/// One secret; whoever holds the lock is the one who reads it.
type Entry = Arc<tokio::sync::Mutex<Option<Kept>>>;

#[derive(Clone)]
struct Kept {
    secret: Arc<SecretString>,
    read_at: Instant,
}

/// The secrets that this process has read.
pub struct CredentialCache {
    client: aws_sdk_ssm::Client,
    entries: Mutex<HashMap<CredentialReference, Entry>>,
}

impl CredentialCache {
    /// An empty cache over the parameter store.
    #[must_use]
    pub fn new(client: aws_sdk_ssm::Client) -> Self {
        Self { client, entries: Mutex::new(HashMap::new()) }
    }

    /// The secret of this name, from memory or from the parameter store.
    ///
    /// # Errors
    /// [`StoredSecretError`]; nothing is kept then.
    pub async fn read(&self, reference: &CredentialReference) -> Result<Arc<SecretString>, StoredSecretError> {
        let entry = self.entry(reference);
        let mut kept = entry.lock().await;
        if let Some(fresh) = kept.as_ref().filter(|kept| kept.read_at.elapsed() < LIFETIME) {
            return Ok(Arc::clone(&fresh.secret));
        }
        let secret = Arc::new(self.fetch(reference).await?);
        *kept = Some(Kept { secret: Arc::clone(&secret), read_at: Instant::now() });
        Ok(secret)
    }

    /// Forgets a secret that Entra refused, so that the next read asks the parameter store.
    pub fn evict(&self, reference: &CredentialReference) {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner).remove(reference);
    }

    fn entry(&self, reference: &CredentialReference) -> Entry {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        if entries.len() >= MAX_ENTRIES && !entries.contains_key(reference) {
            // Whoever still holds an entry keeps it; all others are read again when they are needed.
            entries.retain(|_, entry| Arc::strong_count(entry) > 1);
        }
        Arc::clone(entries.entry(reference.clone()).or_default())
    }

    async fn fetch(&self, reference: &CredentialReference) -> Result<SecretString, StoredSecretError> {
        let answer = self.client.get_parameter().name(reference.as_str()).with_decryption(true).send().await;
        let parameter = answer.map_err(classify)?.parameter;
        let value = parameter.and_then(|parameter| parameter.value).filter(|value| !value.is_empty());
        value.map(SecretString::from).ok_or(StoredSecretError::Unusable(Reason::ProviderCredentialMissing))
    }
}

/// What is wrong with the parameter itself blocks the run; whatever passes by itself is tried again.
fn classify(error: SdkError<GetParameterError>) -> StoredSecretError {
    let code = error.as_service_error().and_then(ProvideErrorMetadata::code);
    match code {
        Some("ParameterNotFound" | "ParameterVersionNotFound") => {
            StoredSecretError::Unusable(Reason::ProviderCredentialMissing)
        }
        Some("AccessDeniedException" | "InvalidKeyId" | "ValidationException") => {
            StoredSecretError::Unusable(Reason::ProviderCredentialInvalid)
        }
        Some(_) | None => StoredSecretError::Unavailable(Box::new(error)),
    }
}
