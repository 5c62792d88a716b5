//! Who waits when a tenant's share of Graph runs short.

/// How urgent the questions of one check are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Priority {
    /// Nobody waits for the answer: Graph throttles these first and spares what people do in the tenant.
    Low,
    /// A person waits for the answer.
    Normal,
}

impl Priority {
    /// The value of `x-ms-throttle-priority`; none where Graph's own default is right.
    pub(crate) fn header(self) -> Option<&'static str> {
        match self {
            Priority::Low => Some("Low"),
            Priority::Normal => None,
        }
    }
}
