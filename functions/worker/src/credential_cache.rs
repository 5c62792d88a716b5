//! Credentials from the parameter store. A secret, and the certificate that it may be, is kept for five minutes under its parameter's name, read by one caller at a time
//! however many wait for it, and dropped as soon as Entra refuses it. What the records of a batch need is read together: an account
//! may call the parameter store 40 times a second, and a call may name ten parameters.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use aws_sdk_ssm::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_ssm::operation::get_parameters::GetParametersError;
use aws_sdk_ssm::types::{Parameter, ParameterType};
use domain::credential::CredentialReference;
use domain::reason::Reason;
use domain::time::Timestamp;
use futures_util::future::join_all;
use microsoft::{Certificate, InvalidCertificate};
use secrecy::SecretString;
use tokio::sync::oneshot;
use tokio::time::Instant;

use crate::credential_error::CredentialError;

/// Long enough to spare the parameter store in a bulk run, short enough that a rotated secret is picked up soon.
const LIFETIME: Duration = Duration::from_mins(5);

/// A function that serves more connections than this in five minutes reads some of their secrets twice.
const MAX_ENTRIES: usize = 256;

/// As many names as one call takes.
const NAMES: usize = 10;

/// How long the first of a batch's records waits for the others, which come here about as fast.
const GATHERING: Duration = Duration::from_millis(20);

/// Whoever read it for several records gave up.
#[derive(Debug, thiserror::Error)]
#[error("the read of several parameters was given up")]
struct GivenUp;

/// One secret; whoever holds the lock is the one who reads it.
type Entry = Arc<tokio::sync::Mutex<Option<Kept>>>;

#[derive(Clone)]
struct Kept {
    secret: StoredSecret,
    read_at: Instant,
}

/// A parameter's secret.
#[derive(Clone)]
pub struct StoredSecret {
    /// Its value, never empty.
    pub value: Arc<SecretString>,
    /// When the parameter was changed last.
    pub modified_at: Option<Timestamp>,
    certificate: Arc<OnceLock<Result<Arc<Certificate>, InvalidCertificate>>>,
}

impl StoredSecret {
    /// The value as a certificate; it is read as one at most once.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn certificate(&self) -> Result<Arc<Certificate>, InvalidCertificate> {
        self.certificate.get_or_init(|| Certificate::parse(&self.value).map(Arc::new)).clone()
    }
}

/// A secret that somebody waits for.
struct Wanted {
    reference: CredentialReference,
    tell: oneshot::Sender<Result<StoredSecret, CredentialError>>,
}

/// The secrets that this process has read.
pub struct CredentialCache {
    client: aws_sdk_ssm::Client,
    entries: Mutex<HashMap<CredentialReference, Entry>>,
    wanted: Mutex<Vec<Wanted>>,
    side_by_side: AtomicUsize,
}

impl CredentialCache {
    /// An empty cache over the parameter store.
    #[must_use]
    pub fn new(client: aws_sdk_ssm::Client) -> Self {
        Self { client, entries: Mutex::default(), wanted: Mutex::default(), side_by_side: AtomicUsize::new(1) }
    }

    /// So many records may ask from now on: where it is but one, nobody waits for others.
    pub fn expect(&self, records: usize) {
        self.side_by_side.store(records, Ordering::Relaxed);
    }

    /// The secret of this name, from memory or from the parameter store.
    ///
    /// # Errors
    /// [`CredentialError`]; nothing is kept then.
    pub async fn read(&self, reference: &CredentialReference) -> Result<StoredSecret, CredentialError> {
        let entry = self.entry(reference);
        let mut kept = entry.lock().await;
        if let Some(fresh) = kept.as_ref().filter(|kept| kept.read_at.elapsed() < LIFETIME) {
            return Ok(fresh.secret.clone());
        }
        let secret = self.fetch(reference).await?;
        *kept = Some(Kept { secret: secret.clone(), read_at: Instant::now() });
        Ok(secret)
    }

    /// Forgets a secret that Entra refused, so that the next read asks the parameter store.
    pub fn evict(&self, reference: &CredentialReference) {
        lock(&self.entries).remove(reference);
    }

    fn entry(&self, reference: &CredentialReference) -> Entry {
        let mut entries = lock(&self.entries);
        if entries.len() >= MAX_ENTRIES && !entries.contains_key(reference) {
            // Whoever still holds an entry keeps it; all others are read again when they are needed.
            entries.retain(|_, entry| Arc::strong_count(entry) > 1);
        }
        Arc::clone(entries.entry(reference.clone()).or_default())
    }

    /// Reads a secret together with those that others want at the same time: the first who wants one reads for all.
    async fn fetch(&self, reference: &CredentialReference) -> Result<StoredSecret, CredentialError> {
        let (tell, told) = oneshot::channel();
        let is_first = {
            let mut wanted = lock(&self.wanted);
            wanted.push(Wanted { reference: reference.clone(), tell });
            wanted.len() == 1
        };
        if is_first {
            if self.side_by_side.load(Ordering::Relaxed) > 1 {
                tokio::time::sleep(GATHERING).await;
            }
            let wanted = std::mem::take(&mut *lock(&self.wanted));
            self.answer(wanted).await;
        }
        told.await.unwrap_or_else(|_| Err(CredentialError::unavailable(GivenUp)))
    }

    async fn answer(&self, mut wanted: Vec<Wanted>) {
        while !wanted.is_empty() {
            let rest = wanted.split_off(wanted.len().min(NAMES));
            let references: Vec<_> = wanted.iter().map(|it| &it.reference).collect();
            let secrets = match self.get(&references).await {
                Ok(secrets) => secrets,
                // One of them is at fault, and the call does not say which: each for itself.
                Err(error) if references.len() > 1 && blames_a_parameter(&error).is_some() => {
                    let each = references.iter().map(|reference| self.get_one(reference));
                    join_all(each).await
                }
                Err(error) => {
                    let error = classify(error);
                    references.iter().map(|_| Err(error.clone())).collect()
                }
            };
            for (wanted, secret) in wanted.into_iter().zip(secrets) {
                // Nobody waits any more: then nobody needs it.
                drop(wanted.tell.send(secret));
            }
            wanted = rest;
        }
    }

    async fn get_one(&self, reference: &CredentialReference) -> Result<StoredSecret, CredentialError> {
        let secrets = self.get(&[reference]).await.map_err(classify)?;
        secrets.into_iter().next().unwrap_or(Err(CredentialError::Unusable(Reason::ProviderCredentialMissing)))
    }

    /// The secrets of these names, in their order.
    async fn get(
        &self,
        references: &[&CredentialReference],
    ) -> Result<Vec<Result<StoredSecret, CredentialError>>, SdkError<GetParametersError>> {
        let names = references.iter().map(|reference| reference.as_str().to_owned()).collect();
        let answer = self.client.get_parameters().set_names(Some(names)).with_decryption(true).send().await?;
        let mut found = HashMap::new();
        for Parameter { name, value, r#type, last_modified_date, .. } in answer.parameters.unwrap_or_default() {
            let (Some(name), Some(value)) = (name, value.filter(|value| !value.is_empty())) else { continue };
            let value = Arc::new(SecretString::from(value));
            let modified_at = last_modified_date.and_then(|at| at.to_millis().ok()).map(Timestamp::from_millis);
            let secret = match r#type {
                Some(ParameterType::SecureString) => {
                    Ok(StoredSecret { value, modified_at, certificate: Arc::default() })
                }
                _ => Err(CredentialError::Unusable(Reason::ProviderCredentialNotEncrypted)),
            };
            found.insert(name, secret);
        }
        let secret = |reference: &&CredentialReference| {
            found
                .remove(reference.as_str())
                .unwrap_or(Err(CredentialError::Unusable(Reason::ProviderCredentialMissing)))
        };
        Ok(references.iter().map(secret).collect())
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What is wrong with a parameter itself blocks the run; whatever passes by itself is tried again.
fn classify(error: SdkError<GetParametersError>) -> CredentialError {
    match blames_a_parameter(&error) {
        Some(reason) => CredentialError::Unusable(reason),
        None => CredentialError::unavailable(error),
    }
}

/// The reason for which a parameter of the call cannot be used, if that is what is wrong.
fn blames_a_parameter(error: &SdkError<GetParametersError>) -> Option<Reason> {
    match error.as_service_error().and_then(ProvideErrorMetadata::code) {
        Some("ParameterNotFound" | "ParameterVersionNotFound") => Some(Reason::ProviderCredentialMissing),
        Some("AccessDeniedException" | "InvalidKeyId" | "ValidationException") => {
            Some(Reason::ProviderCredentialInvalid)
        }
        Some(_) | None => None,
    }
}
