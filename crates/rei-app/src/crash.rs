//! Named places at which a test kills the process. Compiled in only with the feature `crash-points`.

/// A place on the path of an order where losing power must lose nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CrashPoint {
    /// The update is stored, nobody has handled it.
    UpdateStored,
    /// The order, its hold and its job are on disk, the customer knows nothing.
    OrderPlaced,
    /// The attempt and its key are on disk, nothing was sent.
    AttemptStored,
    /// The provider answered, nothing of it is stored.
    ProviderAnswered,
    /// The picture is in the blob storage, the order does not know.
    ArtifactStored,
    /// The price is captured, the delivery waits in the outbox.
    PriceCaptured,
    /// The preview reached the chat, the book does not know.
    PreviewSent,
    /// The original reached the chat, the book does not know.
    OriginalSent,
    /// The provider refused, the money is still on hold.
    RefusalReceived,
    /// The provider took a task, the book does not know its name.
    TaskAccepted,
    /// The book knows the provider's task.
    TaskStored,
    /// The payment and its key are on disk, nothing was sent.
    PaymentStored,
    /// The payment system took the payment, the book does not know.
    PaymentOpened,
    /// The book has the link, the customer does not.
    PaymentLinked,
    /// The report is in the book, nobody has looked.
    NoticeStored,
    /// The payment was read, nothing of it is booked.
    PaymentRead,
    /// The wallet is credited, the customer knows nothing.
    PaymentSettled,
    /// The bytes of an offset receipt are on disk, nothing was sent.
    OffsetStored,
    /// The payment system answered about an offset receipt, the book does not know.
    OffsetSent,
}

impl CrashPoint {
    /// Every point, in the order of the path.
    pub const ALL: [Self; 19] = [
        Self::UpdateStored,
        Self::OrderPlaced,
        Self::AttemptStored,
        Self::ProviderAnswered,
        Self::ArtifactStored,
        Self::PriceCaptured,
        Self::PreviewSent,
        Self::OriginalSent,
        Self::RefusalReceived,
        Self::TaskAccepted,
        Self::TaskStored,
        Self::PaymentStored,
        Self::PaymentOpened,
        Self::PaymentLinked,
        Self::NoticeStored,
        Self::PaymentRead,
        Self::PaymentSettled,
        Self::OffsetStored,
        Self::OffsetSent,
    ];

    /// The name by which a test asks for it in `REI_CRASH_AT`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::UpdateStored => "update-stored",
            Self::OrderPlaced => "order-placed",
            Self::AttemptStored => "attempt-stored",
            Self::ProviderAnswered => "provider-answered",
            Self::ArtifactStored => "artifact-stored",
            Self::PriceCaptured => "price-captured",
            Self::PreviewSent => "preview-sent",
            Self::OriginalSent => "original-sent",
            Self::RefusalReceived => "refusal-received",
            Self::TaskAccepted => "task-accepted",
            Self::TaskStored => "task-stored",
            Self::PaymentStored => "payment-stored",
            Self::PaymentOpened => "payment-opened",
            Self::PaymentLinked => "payment-linked",
            Self::NoticeStored => "notice-stored",
            Self::PaymentRead => "payment-read",
            Self::PaymentSettled => "payment-settled",
            Self::OffsetStored => "offset-stored",
            Self::OffsetSent => "offset-sent",
        }
    }

    /// Sends this process SIGKILL when `REI_CRASH_AT` names this point.
    #[cfg(feature = "crash-points")]
    pub fn reached(self) {
        if std::env::var("REI_CRASH_AT").is_ok_and(|wanted| wanted == self.name()) {
            let me = std::process::id().to_string();
            let _ = std::process::Command::new("kill").args(["-KILL", &me]).status();
            std::process::abort();
        }
    }

    /// Nothing, outside of tests.
    #[cfg(not(feature = "crash-points"))]
    pub const fn reached(self) {}
}
