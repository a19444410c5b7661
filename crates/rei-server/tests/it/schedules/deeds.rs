//! What everybody does: customers, payers, admins, workers, the payment system and its merchant.

use std::sync::atomic::Ordering;

use futures::future::join_all;
use rei_app::payments::{self, Looked, PaymentRail, RailError, Wish};
use rei_domain::ids::CustomerId;
use rei_domain::ledger::{Account, Actor, IdempotencyKey, Rail, TransferKind};
use rei_domain::money::Kopecks;
use rei_domain::payment::PaymentState;
use rei_sim::yookassa::{
    CallKind, Decline, Fault, FaultKind, Flow, NoticeSettings, PaymentStatus, RefundMode,
    RefundStatus, SimPayment,
};
use rei_storage::ledger::{self, LedgerError, NewTransfer};
use rei_storage::payments::{self as rows, PaymentRow};
use serde_json::json;

use super::bank::{BOSS, Session, lock};
use super::draw::{Deed, pick};
use super::workers::worker;

/// Settlers of the same payment at the same moment.
const SETTLERS: usize = 4;
/// How long the payment system asks to be left alone.
const PAUSE_MS: u64 = 1_800;

impl Session {
    pub async fn does(&self, deed: &Deed) {
        match *deed {
            Deed::Wish { customer, rubles } => self.wishes(customer, rubles).await,
            Deed::Work => self.works().await,
            Deed::Pay(which) => {
                if let Some(payment) = self.payment_in(PaymentStatus::Pending, which) {
                    let _late = self.sim.pay(&payment.id);
                }
            }
            Deed::Decline { which, ends } => {
                let how = if ends { Decline::Ends } else { Decline::MayRetry };
                if let Some(payment) = self.payment_in(PaymentStatus::Pending, which) {
                    let _late = self.sim.decline(&payment.id, "insufficient_funds", how);
                }
            }
            Deed::PayLate(which) => {
                if let Some(payment) = self.payment_in(PaymentStatus::Canceled, which) {
                    let _late = self.sim.pay_late(&payment.id);
                }
            }
            Deed::Alter(which) => self.alters(which),
            Deed::Foreign { rubles, claims } => self.pays_elsewhere(rubles, claims).await,
            Deed::Reports { flow, copies, is_stale, before_answer, is_chunked } => {
                self.sim.set_notices(NoticeSettings {
                    flow: flow_of(flow),
                    copies,
                    stale: is_stale,
                    before_answer,
                    chunked: is_chunked,
                    signature: true,
                    ..NoticeSettings::default()
                });
            }
            Deed::Release(which) => self.releases(which),
            Deed::SendAgain(which) => {
                let sent = self.sim.sent_notices();
                if let Some(index) = pick(which, sent.len()) {
                    self.sim.send_again(sent[index].number);
                }
            }
            Deed::Forge { how, which } => self.forges(how, which).await,
            Deed::Check(which) => self.checks(which).await,
            Deed::Sweep => {
                payments::enqueue_sweep(&self.house()).await.expect("the book works");
            }
            Deed::Settle(which) => self.settles(which).await,
            Deed::Refund { which, rubles, twice } => self.refunds(which, rubles, twice).await,
            Deed::RefundByHand { which, is_whole } => self.refunds_by_hand(which, is_whole),
            Deed::RefundMode(mode) => self.sim.set_refund_mode(match mode {
                0 => RefundMode::AtOnce,
                1 => RefundMode::Held,
                _ => RefundMode::Canceled { reason: "insufficient_funds".to_owned() },
            }),
            Deed::EndRefund { which, succeeds } => self.ends_refund(which, succeeds),
            Deed::Spend { customer, rubles } => self.spends(customer, rubles).await,
            Deed::Fault { how, on, skip, times } => self.goes_wrong(how, on, skip, times),
            Deed::NoFaults => self.sim.clear_faults(),
            Deed::Die => self.dies(),
        }
    }

    async fn wishes(&self, customer: u64, rubles: i64) {
        let customer = self.customer(customer);
        let amount = Kopecks::from_rubles(rubles);
        self.write(move |tx, house, now| {
            let (rail, return_url) = (Rail::YooKassa, "https://t.me/rei_bot?start=pay");
            let wish = Wish { amount, rail, quote: None, return_url };
            payments::open_payment(tx, house, customer, &wish, now)
        })
        .await;
    }

    /// Two processes do whatever is due.
    pub async fn works(&self) {
        let house = self.house();
        let workers = ["one", "two"].map(|name| worker(&house, name, &self.cuts));
        let drained = join_all(workers.iter().map(|worker| worker.drain())).await;
        for done in drained {
            done.expect("the book works");
        }
    }

    /// The payment system takes another sum than we asked for.
    fn alters(&self, which: u64) {
        let Some(payment) = self.payment_in(PaymentStatus::Pending, which) else { return };
        lock(&self.strange).insert(payment.id.clone());
        let altered = self.sim.set_amount(&payment.id, payment.amount.kopecks + 10_000);
        altered.expect("it is there");
    }

    /// Another site of the shop is paid; it may have learned an order's id, and another order's signature.
    async fn pays_elsewhere(&self, rubles: i64, claims: Option<u64>) {
        let rows = self.rows().await;
        let claimed = claims.and_then(|which| pick(which, rows.len())).map(|index| &rows[index]);
        let metadata = claimed.map(|row| {
            let others =
                self.ours().into_iter().find(|it| order_of(it) != Some(row.id.to_string()));
            let signature =
                others.as_ref().and_then(|it| it.metadata.as_ref()?.get("sig").cloned());
            let fields = json!({
                "order_id": row.id.to_string(),
                "user_id": row.customer.to_string(),
                "sig": signature.unwrap_or_else(|| json!("v1.46a70489.x")),
            });
            fields.as_object().cloned().unwrap_or_default()
        });
        let id = self.sim.foreign_payment(rubles * 100, metadata);
        lock(&self.strange).insert(id);
    }

    fn releases(&self, which: u64) {
        let held = self.sim.held();
        if let Some(index) = pick(which, held.len()) {
            self.sim.release(held[index].number);
        }
        // And the newest before those that came earlier.
        if let Some(last) = self.sim.held().last().filter(|_| which.is_multiple_of(3)) {
            self.sim.release(last.number);
        }
    }

    async fn checks(&self, which: u64) {
        let rows = self.rows().await;
        let Some(index) = pick(which, rows.len()) else { return };
        let (customer, id) = (rows[index].customer, rows[index].id);
        self.write(move |tx, house, now| Ok(payments::check(tx, house, customer, id, now)?)).await;
    }

    /// Several learn of the same payment and settle it at the same time.
    async fn settles(&self, which: u64) {
        let rows = self.rows().await;
        let Some(index) = pick(which, rows.len()) else { return };
        let row = &rows[index];
        join_all((0..SETTLERS).map(|_| self.settles_once(row))).await;
    }

    async fn settles_once(&self, row: &PaymentRow) {
        let rail = self.rail();
        let looked = match rail.look(row, None).await {
            // One without a name may be on its way there.
            Ok(Looked::Missing) if row.provider_id.is_none() => return,
            Ok(looked) => looked,
            Err(RailError::Again { .. } | RailError::Refused { .. }) => return,
        };
        let id = row.id;
        self.write(move |tx, house, now| payments::settle(tx, house, id, &looked, now)).await;
    }

    async fn refunds(&self, which: u64, rubles: Option<i64>, twice: bool) {
        let mut rows = self.rows().await;
        rows.retain(|row| row.state == PaymentState::Paid);
        let Some(index) = pick(which, rows.len()) else { return };
        let (number, sum) = (rows[index].number, rubles.map(Kopecks::from_rubles));
        let refund = || {
            self.write(move |tx, house, now| {
                payments::refund(tx, house, number, sum, BOSS, "asked for", now)
            })
        };
        join_all((0..=u8::from(twice)).map(|_| refund())).await;
    }

    fn refunds_by_hand(&self, which: u64, is_whole: bool) {
        let Some(payment) = self.payment_in(PaymentStatus::Succeeded, which) else { return };
        let left = payment.amount.kopecks - payment.refunded_kopecks;
        // Some of it may be on its way already; then it is refused.
        let _refused = self.sim.refund_by_hand(&payment.id, if is_whole { left } else { left / 2 });
    }

    fn ends_refund(&self, which: u64, succeeds: bool) {
        let mut pending = self.sim.refunds();
        pending.retain(|refund| refund.status == RefundStatus::Pending);
        let Some(index) = pick(which, pending.len()) else { return };
        let id = &pending[index].id;
        let _late = match succeeds {
            true => self.sim.succeed_refund(id),
            false => self.sim.cancel_refund(id, "rejected_by_payee"),
        };
    }

    async fn spends(&self, customer: u64, rubles: i64) {
        let customer = self.customer(customer);
        let number = self.spendings.fetch_add(1, Ordering::SeqCst);
        let key = format!("spent:{customer}:{number}");
        let amount = Kopecks::from_rubles(rubles);
        let is_spent = self
            .write(move |tx, _, now| {
                let posted = ledger::post(
                    tx,
                    &NewTransfer {
                        kind: TransferKind::Adjust,
                        debit: Account::cash(customer),
                        credit: Account::Adjust,
                        amount: amount.into(),
                        key: IdempotencyKey::new(key.as_str())?,
                        order: None,
                        payment: None,
                        actor: Actor::System,
                        memo: None,
                        at: now,
                    },
                );
                match posted {
                    Ok(posted) => Ok(!posted.replayed),
                    Err(LedgerError::NotEnough { .. } | LedgerError::Frozen) => Ok(false),
                    Err(error) => Err(error),
                }
            })
            .await;
        if is_spent {
            *lock(&self.spent).entry(customer).or_insert(0) += amount.get();
        }
    }

    fn goes_wrong(&self, how: u64, on: u64, skip: u64, times: u64) {
        let small = |number| u32::try_from(number).unwrap_or(1);
        let fault = Fault::next(fault_of(how)).after(small(skip)).times(small(times));
        self.sim.fault(match on {
            0..=2 => fault.on(CallKind::CreatePayment),
            3 => fault.on(CallKind::ReadPayment),
            4 => fault.on(CallKind::CreateRefund),
            5 => fault.on(CallKind::ReadRefund),
            6 => fault.on(CallKind::ListPayments),
            _ => fault,
        });
    }

    fn customer(&self, number: u64) -> CustomerId {
        self.customers[pick(number, self.customers.len()).expect("there is a customer")]
    }

    /// The payments of all customers in the book, in the order of their coming.
    pub async fn rows(&self) -> Vec<PaymentRow> {
        let customers = self.customers.clone();
        let mut all = self
            .write(move |tx, _, _| {
                let mut all = Vec::new();
                for customer in &customers {
                    all.extend(rows::of_customer(tx, *customer, 100)?);
                }
                Ok(all)
            })
            .await;
        all.sort_by_key(|row| row.number);
        all
    }

    /// The payments that were asked for by us, oldest first.
    pub fn ours(&self) -> Vec<SimPayment> {
        let elsewhere = |payment: &SimPayment| {
            lock(&self.strange).contains(&payment.id) && payment.merchant_customer_id.is_none()
        };
        self.sim.payments().into_iter().filter(|payment| !elsewhere(payment)).collect()
    }

    /// One of the payments of ours that stand there.
    fn payment_in(&self, status: PaymentStatus, which: u64) -> Option<SimPayment> {
        let mut there = self.sim.payments();
        there.retain(|payment| payment.status == status);
        pick(which, there.len()).map(|index| there.swap_remove(index))
    }
}

/// Our order that a payment names.
pub fn order_of(payment: &SimPayment) -> Option<String> {
    let order = payment.metadata.as_ref()?.get("order_id")?;
    order.as_str().map(str::to_owned)
}

fn flow_of(number: u64) -> Flow {
    match number {
        0 | 1 => Flow::Normal,
        2 => Flow::Dropped,
        3 => Flow::Held,
        _ => Flow::Delayed { ms: 90_000 },
    }
}

fn fault_of(number: u64) -> FaultKind {
    match number {
        0 => FaultKind::Reset { committed: false },
        1 => FaultKind::Reset { committed: true },
        2 => FaultKind::Internal { committed: false },
        3 => FaultKind::Internal { committed: true },
        4 => FaultKind::Html { status: 502, committed: true },
        5 => FaultKind::Accepted { retry_after_ms: PAUSE_MS, committed: true },
        6 => FaultKind::Accepted { retry_after_ms: PAUSE_MS, committed: false },
        7 => FaultKind::TruncatedJson,
        8 => FaultKind::TooManyRequests { retry_after_ms: Some(PAUSE_MS) },
        _ => FaultKind::UnknownWords,
    }
}
