//! Arguments of `credential`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::Place;

/// What to do with a credential.
#[derive(Debug, Subcommand)]
pub enum Credential {
    /// Stores a connection's certificate, or client secret, encrypted in the parameter store
    ///
    /// FILE is a PKCS#12 file (.pfx, .p12) or PEM with an RSA key and its certificate. What is stored is PEM without a password: the key
    /// and its own certificate. A file that Microsoft Entra would not take is refused. Passwords and secrets are asked for; without a
    /// terminal, the first line of standard input is read.
    ///
    /// Exit codes: 0 stored; 1 AWS failed; 2 wrong arguments, or something that cannot be a credential (nothing was stored).
    Put(Put),
}

/// Arguments of `credential put`.
#[derive(Debug, Args)]
pub struct Put {
    /// Where: the reference in the directory file, /tenantcheck/STAGE/WORKSPACE/NAME or /tenantcheck/STAGE/platform/NAME
    pub reference: Place,
    /// The certificate with its key
    #[arg(required_unless_present = "client_secret")]
    pub file: Option<PathBuf>,
    /// Stores a client secret instead of a certificate
    #[arg(long, conflicts_with = "file")]
    pub client_secret: bool,
    /// Replaces what is stored there
    #[arg(long)]
    pub replace: bool,
    /// The KMS key that encrypts it; unless it is given, the one of what is replaced, or the account's own for the parameter store
    #[arg(long, value_name = "KEY")]
    pub kms_key: Option<String>,
}
