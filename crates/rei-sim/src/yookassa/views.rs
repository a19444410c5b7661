//! What there is, for those who want to know it without asking the API.

use serde::Serialize;

use super::YooKassaSim;
use super::amount::{Amount, CURRENCY};
use super::payments::{PaymentStatus, SimPayment};
use super::receipts::SimReceipt;
use super::refunds::{RefundStatus, SimRefund};
use super::world::World;

/// Money that has moved for the main shop, in kopecks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// Succeeded payments.
    pub payments: u64,
    /// Succeeded refunds.
    pub refunds: u64,
    /// Their sum.
    pub payments_kopecks: i64,
    /// Their sum.
    pub refunds_kopecks: i64,
    /// What is left.
    pub net_kopecks: i64,
}

impl YooKassaSim {
    /// The payment as it stands.
    pub fn payment(&self, id: &str) -> Option<SimPayment> {
        self.look(|world| world.payments.get(id).cloned())
    }

    /// All payments of all shops, oldest first.
    pub fn payments(&self) -> Vec<SimPayment> {
        self.look(|world| world.payments.all().to_vec())
    }

    /// The refund as it stands.
    pub fn refund(&self, id: &str) -> Option<SimRefund> {
        self.look(|world| world.refunds.get(id).cloned())
    }

    /// All refunds of all shops, oldest first.
    pub fn refunds(&self) -> Vec<SimRefund> {
        self.look(|world| world.refunds.all().to_vec())
    }

    /// All receipts that were sent apart, oldest first.
    pub fn receipts(&self) -> Vec<SimReceipt> {
        self.look(|world| world.receipts.all().to_vec())
    }

    /// What has moved for the main shop: succeeded payments less succeeded refunds, in rubles alone.
    pub fn totals(&self) -> Totals {
        let shop_id = &self.state.shop.shop_id;
        let is_counted =
            |shop: &String, amount: &Amount| shop == shop_id && amount.currency == CURRENCY;
        let mut totals = Totals::default();
        for payment in self.payments() {
            let has_come = payment.status == PaymentStatus::Succeeded;
            if has_come && is_counted(&payment.shop_id, &payment.amount) {
                totals.payments += 1;
                totals.payments_kopecks += payment.amount.kopecks;
            }
        }
        for refund in self.refunds() {
            let has_gone = refund.status == RefundStatus::Succeeded;
            if has_gone && is_counted(&refund.shop_id, &refund.amount) {
                totals.refunds += 1;
                totals.refunds_kopecks += refund.amount.kopecks;
            }
        }
        totals.net_kopecks = totals.payments_kopecks - totals.refunds_kopecks;
        totals
    }

    fn look<T>(&self, look: impl FnOnce(&World) -> T) -> T {
        let now_ms = self.state.clock.now_ms();
        self.state.with(|world| {
            world.catch_up(now_ms);
            look(world)
        })
    }
}
