//! What can go wrong between this program and its table. Expected answers (a race lost, a run that is gone) are not errors but
//! the enums of each flow.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::RequestId;
use domain::id::RunId;

use crate::key::Key;

/// The table could not be asked, or what it holds could not be understood.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Throttled, also after the retries.
    #[error("the table is throttled ({code})")]
    Throttled {
        /// What DynamoDB calls it.
        code: String,
        /// The last answer.
        #[source]
        source: Option<Box<AwsError>>,
    },
    /// Other writers were in the way of every try.
    #[error("other transactions were in the way of every try")]
    Contended,
    /// No answer in time, or none at all, also after the retries. A write may or may not have happened.
    #[error("the table does not answer")]
    Unreachable(#[source] Box<AwsError>),
    /// DynamoDB refuses the request: missing rights or a fault of this program.
    #[error("the table refuses the request ({code})")]
    Refused {
        /// What DynamoDB calls it.
        code: String,
        /// Its answer.
        #[source]
        source: Box<AwsError>,
    },
    /// A transaction was cancelled for a reason that this program does not know.
    #[error("the transaction was cancelled: {0}")]
    Cancelled(String),
    /// Keys stayed unprocessed through every try.
    #[error("{0} keys stayed unprocessed through every try")]
    Unprocessed(usize),
    /// The latest run of the identity changed between reading it and every try to follow it.
    #[error("the latest run of the identity changed through every try")]
    LatestMoved,
    /// A stored item that the answer is about cannot be read.
    #[error(transparent)]
    Corrupt(#[from] Damaged),
    /// The slot of a connection cannot be read, so nobody knows which run has it. It passes when somebody frees the slot.
    #[error("nobody can tell which run is active")]
    UnreadableSlot(#[source] Damaged),
    /// The caller's rights are for another scope or capability.
    #[error("the rights that were decided are not for this")]
    Foreign,
    /// A run was handed over in a state that this operation does not take: a fault of this program.
    #[error("the run {run_id} {problem}")]
    Unfit {
        /// The run.
        run_id: RunId,
        /// What is wrong with it.
        problem: &'static str,
    },
}

/// A stored item that cannot be read. It says which one and why, and nothing of what the item holds.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the {entity} {key} cannot be read")]
pub struct Damaged {
    /// What it is.
    pub entity: &'static str,
    pub(crate) key: Key,
    /// Why.
    pub source: Arc<Unreadable>,
}

impl Damaged {
    /// Its primary key.
    #[must_use]
    pub fn key(&self) -> impl fmt::Display {
        &self.key
    }
}

/// Why a stored item cannot be read. What the parsers say is kept from whoever prints the causes: they quote what they read.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// An attribute is missing or has another form.
    #[error("its attributes have another form")]
    Shape(serde_dynamo::Error),
    /// A part of it has another form.
    #[error("its {0} has another form")]
    Part(&'static str, serde_dynamo::Error),
    /// It is something else than was expected under its key.
    #[error("it is marked as something else")]
    OtherEntity(String),
    /// What it is marked as does not stand among such keys.
    #[error("it does not belong there")]
    Misplaced,
    /// What its state needs is not there.
    #[error("its {0} is missing")]
    Missing(&'static str),
    /// It has two attributes of which each excludes the other.
    #[error("it has both {0} and {1}")]
    Exclusive(&'static str, &'static str),
    /// The compressed report is damaged.
    #[error("it cannot be decompressed")]
    Gzip(#[from] std::io::Error),
    /// What was compressed is no report.
    #[error("it is no report")]
    Report(serde_json::Error),
}

/// An error of the SDK without the operation's own type. Its text never holds headers or bodies.
#[derive(Debug, thiserror::Error)]
#[error("{operation}: {kind}{}", request_id.as_deref().map(|id| format!(", request {id}")).unwrap_or_default())]
pub struct AwsError {
    operation: &'static str,
    kind: String,
    request_id: Option<String>,
    #[source]
    source: Option<Box<dyn Error + Send + Sync>>,
}

/// DynamoDB's codes for "later": each may pass when tried again.
const THROTTLES: [&str; 6] = [
    "ThrottlingException",
    "ThrottlingError",
    "ProvisionedThroughputExceededException",
    "ProvisionedThroughputExceeded",
    "RequestLimitExceeded",
    "TransactionInProgressException",
];

/// Whether a code of an answer or of a cancellation reason says "later".
pub(crate) fn is_throttle(code: &str) -> bool {
    THROTTLES.contains(&code)
}

impl StoreError {
    /// Whether the same call may succeed in a moment.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match self {
            StoreError::Throttled { .. }
            | StoreError::Contended
            | StoreError::Unreachable(_)
            | StoreError::Unprocessed(_)
            | StoreError::UnreadableSlot(_)
            | StoreError::LatestMoved => true,
            StoreError::Refused { .. }
            | StoreError::Cancelled(_)
            | StoreError::Corrupt(_)
            | StoreError::Foreign
            | StoreError::Unfit { .. } => false,
        }
    }

    /// The item that cannot be read, if that is what is wrong.
    #[must_use]
    pub fn damaged(&self) -> Option<&Damaged> {
        match self {
            StoreError::Corrupt(damaged) | StoreError::UnreadableSlot(damaged) => Some(damaged),
            StoreError::Throttled { .. }
            | StoreError::Contended
            | StoreError::Unreachable(_)
            | StoreError::Refused { .. }
            | StoreError::Cancelled(_)
            | StoreError::Unprocessed(_)
            | StoreError::LatestMoved
            | StoreError::Foreign
            | StoreError::Unfit { .. } => None,
        }
    }

    /// Sorts what the SDK says, after its own retries.
    pub(crate) fn of<E>(operation: &'static str, error: SdkError<E>) -> Self
    where
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
    {
        let code = error.code().unwrap_or("no code").to_owned();
        let request_id = error.request_id().map(str::to_owned);
        let answered = error.raw_response().map(|response| response.status().as_u16());
        let kind = match answered {
            Some(status) => format!("{code}, status {status}"),
            None => "no answer".to_owned(),
        };
        let source = error.into_source().ok();
        let error = Box::new(AwsError { operation, kind, request_id, source });
        match answered {
            _ if is_throttle(&code) => StoreError::Throttled { code, source: Some(error) },
            Some(400..500) => StoreError::Refused { code, source: error },
            Some(_) | None => StoreError::Unreachable(error),
        }
    }
}
