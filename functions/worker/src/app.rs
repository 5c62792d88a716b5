//! What the function is made of. Made once at start-up and used by every batch.

use aws_types::SdkConfig;
use domain::preflight::Rules;
use runtime::{BoxError, Clock, Environment, Frame};
use store::Store;

use crate::credential_cache::CredentialCache;
use crate::provider::Provider;
use crate::settings::Settings;
use crate::stand_ins::StandIns;
use crate::web_identity::WebIdentity;

/// What one process of the worker holds: clients, rules and settings, made once.
pub struct App {
    /// The table.
    pub store: Store,
    /// The parameter store.
    pub credentials: CredentialCache,
    /// The issuer of the worker's own tokens, for federated connections.
    pub web_identity: WebIdentity,
    /// Entra and Graph.
    pub provider: Box<dyn Provider>,
    /// The queue, to change the visibility of what it delivered.
    pub queue: aws_sdk_sqs::Client,
    /// Preflight and links.
    pub rules: Rules,
    /// Numbers of the deployment.
    pub settings: Settings,
    /// The present; read once for each decision.
    pub clock: Clock,
}

impl App {
    /// Makes the parts from the environment.
    ///
    /// # Errors
    /// A [`BoxError`] that names the variable that is missing, malformed or does not fit the others.
    pub async fn wire(environment: &Environment) -> Result<Self, BoxError> {
        let stand_ins = StandIns::from(environment)?;
        let provider = microsoft::Provider::new(&microsoft::Overrides::parse(|name| stand_ins.take(name))?)?;
        let sts_endpoint = stand_ins.take("AWS_ENDPOINT_URL_STS");
        stand_ins.none_left()?;
        let frame = Frame::writing(environment).await?;
        Ok(Self {
            credentials: CredentialCache::new(aws_sdk_ssm::Client::new(&frame.aws)),
            web_identity: WebIdentity::new(sts(&frame.aws, sts_endpoint)),
            provider: Box::new(provider),
            queue: aws_sdk_sqs::Client::new(&frame.aws),
            rules: frame.rules()?,
            settings: Settings::from(environment, &frame)?,
            clock: Clock::default(),
            store: frame.store,
        })
    }
}

/// The client for STS; an endpoint of its own sends it elsewhere than the other clients.
fn sts(aws: &SdkConfig, endpoint: Option<String>) -> aws_sdk_sts::Client {
    let mut config = aws_sdk_sts::config::Builder::from(aws);
    if let Some(endpoint) = endpoint {
        config = config.endpoint_url(endpoint);
    }
    aws_sdk_sts::Client::from_conf(config.build())
}
