//! The functions that no caller reaches, wired to a scene.

use domain::credential_policy::CredentialPolicy;
use std::time::Duration;

use aws_types::SdkConfig;
use queue::Queue;
use runtime::Clock;

use super::{BOUNDS, Scene, rules, stand_in, store};
use crate::emulator::sdk_config;

impl Scene {
    /// The worker, wired to the scene.
    ///
    /// # Panics
    /// When the client towards the stand-in cannot be made.
    pub async fn worker(&self) -> worker::App {
        self.worker_on(&self.sandbox.aws).await
    }

    /// Where credentials may be when the scene's app is the platform's own and has its credential in this parameter.
    ///
    /// # Panics
    /// When the platform can have no such parameter.
    #[must_use]
    pub fn platform_app(&self, reference: &str) -> CredentialPolicy {
        let app = format!("{}@global={reference}", self.fixture.client_id);
        CredentialPolicy::new("test".parse().expect("a stage"), &app).expect("an app")
    }

    /// The worker with its AWS calls sent elsewhere, as through the fault proxy.
    ///
    /// # Panics
    /// When the client towards the stand-in cannot be made.
    pub async fn worker_on(&self, aws: &SdkConfig) -> worker::App {
        let origin = stand_in().await.origin();
        let sts = sdk_config(&stand_in().await.sts_endpoint());
        let overrides = microsoft::Overrides::parse(|name| match name {
            "MICROSOFT_LOGIN_ORIGIN_GLOBAL" | "MICROSOFT_GRAPH_ORIGIN_GLOBAL" => Some(origin.clone()),
            _ => None,
        });
        worker::App {
            store: store(aws, &self.sandbox.table),
            credentials: worker::CredentialCache::new(aws_sdk_ssm::Client::new(aws)),
            web_identity: worker::WebIdentity::new(aws_sdk_sts::Client::new(&sts)),
            provider: Box::new(microsoft::Provider::new(&overrides.expect("origins")).expect("a client")),
            queue: aws_sdk_sqs::Client::new(aws),
            rules: rules(),
            settings: worker::Settings {
                queue_url: self.sandbox.queues.verifications.clone(),
                max_receive_count: 5,
                check_budget: Duration::from_secs(5),
                // Everything of a scene was made a moment ago.
                propagation: Duration::ZERO,
                bounds: BOUNDS,
            },
            clock: Clock::default(),
        }
    }

    /// The reconciler, wired to the scene.
    #[must_use]
    pub fn reconciler(&self) -> reconciler::App {
        self.reconciler_on(&self.sandbox.aws)
    }

    /// The reconciler with its AWS calls sent elsewhere, as through the fault proxy.
    #[must_use]
    pub fn reconciler_on(&self, aws: &SdkConfig) -> reconciler::App {
        reconciler::App {
            store: store(aws, &self.sandbox.table),
            queue: Queue::new(aws_sdk_sqs::Client::new(aws), self.sandbox.queues.verifications.clone()),
            bounds: BOUNDS,
            clock: Clock::default(),
        }
    }
}
