//! The unguessable address of the webhook, and metadata that only this service can have written.
//!
//! A signature proves that this service issued this order for this customer and this sum. It says nothing about
//! whether the money came: that is read from the API.

use std::fmt;

use rei_domain::money::Kopecks;
use secrecy::SecretString;

use super::keys::{Key, KeyError, Keys};

/// The folder of the webhook.
const FOLDER: &str = "/webhooks/yookassa";
/// The form of addresses and signatures.
const VERSION: &str = "v1";

/// Whether real money moves. Signatures of one mode are worth nothing in the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Real money.
    Live,
    /// A test shop.
    Test,
}

impl Mode {
    /// The mode of a shop whose key is or is not a test one.
    pub const fn of_shop(is_test: bool) -> Self {
        if is_test { Self::Test } else { Self::Live }
    }

    const fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Test => "test",
        }
    }
}

/// Signs with the present root; takes what the previous root signed as well, while it is being replaced.
pub struct Signer {
    shop_id: String,
    mode: Mode,
    present: Keys,
    previous: Option<Keys>,
}

/// What is signed, less the shop and the mode.
struct Claim<'a> {
    word: &'static str,
    id: &'a str,
    user_id: &'a str,
    sum: Kopecks,
    currency: &'a str,
}

impl Signer {
    /// A signer for one shop. `root`: `YOOKASSA_WEBHOOK_SECRET`, or the shop's secret key where that is not set.
    ///
    /// # Errors
    /// [`KeyError`] for a root that could be guessed.
    pub fn new(
        shop_id: &str,
        mode: Mode,
        root: &SecretString,
        previous: Option<&SecretString>,
    ) -> Result<Self, KeyError> {
        let present = Keys::derive(root)?;
        let previous = previous.map(Keys::derive).transpose()?;
        Ok(Self { shop_id: shop_id.to_owned(), mode, present, previous })
    }

    /// The path to register at YooKassa. Whoever knows it passes the first layer: show it to the owner alone.
    pub fn webhook_path(&self) -> String {
        let kid = &self.present.kid;
        format!("{FOLDER}/{kid}/{}", self.present.url.tag(&self.address(kid)))
    }

    /// The path for the log.
    pub fn webhook_path_masked(&self) -> String {
        format!("{FOLDER}/{}/…", self.present.kid)
    }

    /// Whether a notification came to our address; answer 404 otherwise, before its body is read.
    pub fn check_path(&self, kid: &str, tag: &str) -> bool {
        self.keys(kid).is_some_and(|keys| keys.url.is_tag(&self.address(kid), tag))
    }

    /// The signature of a payment order, as `metadata.sig`.
    ///
    /// # Panics
    /// When an id holds a control character: ids are ours.
    pub fn sign_topup(
        &self,
        order_id: &str,
        user_id: &str,
        sum: Kopecks,
        currency: &str,
    ) -> String {
        self.sign(&Claim { word: "topup", id: order_id, user_id, sum, currency })
    }

    /// Whether a signature is that of this order, customer and sum. Take them from the book, not from where the
    /// signature came from.
    pub fn check_topup(
        &self,
        signature: &str,
        order_id: &str,
        user_id: &str,
        sum: Kopecks,
        currency: &str,
    ) -> bool {
        self.check(signature, &Claim { word: "topup", id: order_id, user_id, sum, currency })
    }

    /// The signature of a refund of ours, as `metadata.sig`.
    ///
    /// # Panics
    /// When an id holds a control character: ids are ours.
    pub fn sign_refund(
        &self,
        refund_id: &str,
        user_id: &str,
        sum: Kopecks,
        currency: &str,
    ) -> String {
        self.sign(&Claim { word: "refund", id: refund_id, user_id, sum, currency })
    }

    /// Whether a signature is that of this refund, customer and sum.
    pub fn check_refund(
        &self,
        signature: &str,
        refund_id: &str,
        user_id: &str,
        sum: Kopecks,
        currency: &str,
    ) -> bool {
        self.check(signature, &Claim { word: "refund", id: refund_id, user_id, sum, currency })
    }

    fn sign(&self, claim: &Claim<'_>) -> String {
        let message = self.message(claim).expect("our own ids have no control characters");
        format!("{VERSION}.{}.{}", self.present.kid, self.present.meta.tag(&message))
    }

    fn check(&self, signature: &str, claim: &Claim<'_>) -> bool {
        let Some((key, tag)) = self.parts(signature) else { return false };
        self.message(claim).is_some_and(|message| key.is_tag(&message, tag))
    }

    fn parts<'a>(&self, signature: &'a str) -> Option<(&Key, &'a str)> {
        let rest = signature.strip_prefix(VERSION)?.strip_prefix('.')?;
        let (kid, tag) = rest.split_once('.')?;
        Some((&self.keys(kid)?.meta, tag))
    }

    /// None for fields with control characters: a line break would make two claims of one message.
    fn message(&self, claim: &Claim<'_>) -> Option<String> {
        let Claim { word, id, user_id, sum, currency } = claim;
        let is_plain = |text: &str| !text.chars().any(char::is_control);
        let shop_id = &self.shop_id;
        if ![shop_id, *id, *user_id, *currency].into_iter().all(is_plain) {
            return None;
        }
        let (kopecks, mode) = (sum.get(), self.mode.as_str());
        Some(format!(
            "{VERSION}\n{word}\n{shop_id}\n{id}\n{user_id}\n{kopecks}\n{currency}\n{mode}"
        ))
    }

    fn address(&self, kid: &str) -> String {
        format!("{VERSION}\n{}\n{kid}", self.shop_id)
    }

    fn keys(&self, kid: &str) -> Option<&Keys> {
        [Some(&self.present), self.previous.as_ref()].into_iter().flatten().find(|it| it.kid == kid)
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signer")
            .field("shop_id", &self.shop_id)
            .field("mode", &self.mode)
            .field("kid", &self.present.kid)
            .field("previous_kid", &self.previous.as_ref().map(|keys| &keys.kid))
            .finish()
    }
}

#[cfg(test)]
#[path = "signer_tests.rs"]
mod tests;
