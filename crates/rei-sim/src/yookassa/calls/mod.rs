//! What the calls of the API do.

pub(super) mod lists;
pub(super) mod payments;
pub(super) mod receipts;
pub(super) mod refunds;

use serde_json::{Value, json};

/// Who calls, and when.
pub(super) struct Caller<'a> {
    pub(super) shop_id: &'a str,
    /// Whether it is a shop for tests.
    pub(super) test: bool,
    pub(super) now_ms: i64,
}

/// `GET /me`
pub(super) fn me(caller: &Caller<'_>, has_receipts: bool) -> Value {
    let mut me = json!({
        "account_id": caller.shop_id,
        "status": "enabled",
        "test": caller.test,
        "payment_methods": ["bank_card", "sbp", "yoo_money", "sberbank", "tinkoff_bank"],
        "fiscalization": {"enabled": has_receipts},
        "fiscalization_enabled": has_receipts,
    });
    if has_receipts {
        me["fiscalization"]["provider"] = "yookassa".into();
    }
    me
}
