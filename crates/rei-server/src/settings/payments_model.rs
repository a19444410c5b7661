//! The settings about money from outside, typed and checked.

use rei_domain::ledger::PocketOrder;
use rei_domain::money::Kopecks;
use secrecy::SecretString;

/// What may be paid in, by whatever way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopUps {
    /// The least at once, in whole rubles.
    pub min: Kopecks,
    /// The most at once, in whole rubles; never less than the least.
    pub max: Kopecks,
    /// The sums on the buttons, all within the limits.
    pub amounts: Vec<Kopecks>,
    /// Payments that one person may start in an hour.
    pub per_hour: u32,
}

/// Payments in Telegram Stars.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stars {
    /// What one star is credited as.
    pub rate: Kopecks,
}

/// What the owner gives away, and which pocket pays first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WalletRules {
    /// Bonus for a new customer; zero for nothing.
    pub welcome_gift: Kopecks,
    /// Bonus along with a first payment; `None` for nothing.
    pub first_top_up: Option<FirstTopUp>,
    /// Which pocket pays first.
    pub pockets: PocketOrder,
}

/// Bonus along with a first payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FirstTopUp {
    /// Of the payment; 1 to 100.
    pub percent: u8,
    /// The most.
    pub max: Kopecks,
}

/// What concerns money and people at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HouseRules {
    /// Whom customers may write to.
    pub support: Option<String>,
    /// The version of the terms that must be accepted; 0 for none.
    pub terms_version: u32,
    /// What an admin may move alone; `None` for any sum.
    pub approval_limit: Option<Kopecks>,
    /// What a US dollar costs the owner; `None` when not told.
    pub usd_rate: Option<Kopecks>,
}

/// Payments through YooKassa.
#[derive(Clone, Debug)]
pub struct Payments {
    /// The shop's number.
    pub shop_id: String,
    /// The shop's key.
    pub secret_key: SecretString,
    /// Whether its key is a test shop's, whose money is play money.
    pub is_test: bool,
    /// Without a slash at its end.
    pub base_url: String,
    /// Where the payer's browser goes afterwards; `None`: back to the bot.
    pub return_url: Option<String>,
    /// Root of our signatures; `None`: the shop's key.
    pub webhook_secret: Option<SecretString>,
    /// The root until the last change.
    pub webhook_secret_previous: Option<SecretString>,
    /// How a notification shows that it is addressed to us.
    pub webhook_auth: WebhookAuth,
    /// Key of a relay's header; set whenever `webhook_auth` asks for it.
    pub relay_secret: Option<SecretString>,
    /// What is done about the sender's address.
    pub ip_check: IpCheck,
    /// Receipts by 54-FZ; `None`: made elsewhere.
    pub receipts: Option<Receipts>,
}

/// How a notification shows that it is addressed to us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WebhookAuth {
    /// By the signed address.
    Url,
    /// By a relay's signed header.
    Header,
    /// By both.
    UrlAndHeader,
}

/// What is done about a sender's address that is not YooKassa's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IpCheck {
    /// Refused.
    Enforce,
    /// Noted.
    Log,
    /// Nothing.
    Off,
}

/// Receipts by 54-FZ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipts {
    /// Who registers them.
    pub by: ReceiptsBy,
    /// YooKassa's list, 1 to 12.
    pub vat_code: u8,
    /// YooKassa's list, 1 to 6.
    pub tax_system_code: Option<u8>,
    /// YooKassa's `payment_subject`.
    pub subject: String,
    /// YooKassa's `measure`.
    pub measure: String,
    /// YooKassa's `payment_mode`.
    pub mode: ReceiptMode,
}

/// Who registers receipts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReceiptsBy {
    /// YooKassa itself.
    Yookassa,
    /// A cash register behind it.
    Kassa,
}

/// YooKassa's `payment_mode`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReceiptMode {
    /// One receipt at the payment.
    FullPayment,
    /// A second receipt follows.
    FullPrepayment,
    /// The same, for cash registers.
    Advance,
}
