//! Our signature on payments.

use std::sync::Arc;

use rei_domain::ids::PaymentId;
use rei_storage::payments::PaymentRow;
use rei_yookassa::authenticity::Signer;
use rei_yookassa::notice::Notice;
use rei_yookassa::objects::Payment;

use super::RUB;

/// Proves that a payment is one that we asked for.
#[derive(Clone)]
pub struct OurSignature(pub(super) Arc<Signer>);

impl OurSignature {
    pub(super) fn new(signer: Signer) -> Self {
        Self(Arc::new(signer))
    }

    /// Whether a report carries our signature for this very payment.
    pub fn fits(&self, row: &PaymentRow, notice: &Notice) -> bool {
        let Some(signature) = notice.metadata.get("sig") else { return false };
        self.is_ours(row, signature)
    }

    pub(super) fn is_on(&self, row: &PaymentRow, payment: &Payment) -> bool {
        payment.metadata.get("sig").is_some_and(|signature| self.is_ours(row, signature))
    }

    /// Our payment that one in a list is; its own metadata say what was signed.
    pub(super) fn order_of(&self, payment: &Payment) -> Option<PaymentId> {
        let field = |name| payment.metadata.get(name).map(String::as_str);
        let (order, user, signature) = (field("order_id")?, field("user_id")?, field("sig")?);
        let is_ours = self.0.check_topup(signature, order, user, payment.amount, RUB);
        order.parse().ok().filter(|_| is_ours)
    }

    fn is_ours(&self, row: &PaymentRow, signature: &str) -> bool {
        let (order, user) = (row.id.to_string(), row.customer.to_string());
        self.0.check_topup(signature, &order, &user, row.amount, RUB)
    }
}
