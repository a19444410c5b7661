//! Where a test stands between the product and its book: who goes in next is then decided by the test and by nothing
//! else. In the product there is nothing here.

#[cfg(any(test, feature = "testing"))]
use std::future::Future;
#[cfg(any(test, feature = "testing"))]
use std::pin::Pin;
#[cfg(any(test, feature = "testing"))]
use std::sync::Arc;

#[cfg(any(test, feature = "testing"))]
use super::Book;
use super::work::Access;

/// What each closure of one handle of the book goes through.
#[cfg(any(test, feature = "testing"))]
pub trait Turnstile: Send + Sync {
    /// Waits until the closure may go in; `access` is `read` or `write`.
    fn enter(&self, access: &'static str) -> Pin<Box<dyn Future<Output = ()> + Send>>;

    /// Waits until the caller may have the answer. What was written is on disk by now.
    fn leave(&self) -> Pin<Box<dyn Future<Output = ()> + Send>>;
}

/// The turnstile of one handle, if it has any.
#[derive(Clone, Default)]
pub(super) struct Gate(#[cfg(any(test, feature = "testing"))] Option<Arc<dyn Turnstile>>);

#[cfg(any(test, feature = "testing"))]
impl Book {
    /// The same book for somebody whose closures go through this turnstile.
    #[must_use]
    pub fn through(&self, turnstile: Arc<dyn Turnstile>) -> Self {
        Self(Arc::clone(&self.0), Gate(Some(turnstile)))
    }
}

#[cfg(any(test, feature = "testing"))]
impl Gate {
    pub(super) async fn enter(&self, access: Access) {
        if let Some(turnstile) = &self.0 {
            turnstile.enter(access.as_str()).await;
        }
    }

    pub(super) async fn leave(&self) {
        if let Some(turnstile) = &self.0 {
            turnstile.leave().await;
        }
    }
}

#[cfg(not(any(test, feature = "testing")))]
impl Gate {
    pub(super) async fn enter(&self, _: Access) {}

    pub(super) async fn leave(&self) {}
}
