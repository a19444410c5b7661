//! What must hold when everything has healed.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use rei_app::payments::{PaymentRail, reconcile};
use rei_domain::clock::Timestamp;
use rei_domain::ids::CustomerId;
use rei_domain::ledger::{Money, Rail, Transfer, TransferKind, Wallet};
use rei_domain::payment::{PaymentState, RefundState};
use rei_sim::yookassa::{ApiCall, PaymentStatus, RefundStatus, SimPayment};
use rei_storage::payments::{self as rows, PaymentRow, SuspenseRow};
use rei_storage::{jobs, ledger};

use super::bank::{Session, lock};
use super::deeds::order_of;

/// One schedule has far fewer.
const TRANSFERS_MAX: usize = 200;

/// What the book has of one customer.
struct Account {
    customer: CustomerId,
    wallet: Wallet,
    topups: Vec<Transfer>,
}

impl Session {
    /// Everything that does not hold.
    pub async fn complaints(&self) -> Vec<String> {
        let mut wrong = Vec::new();
        let accounts = self.accounts().await;
        let rows = self.rows().await;
        self.check_credits(&accounts, &rows, &mut wrong).await;
        self.check_wallets(&accounts, &rows, &mut wrong);
        self.check_totals(&mut wrong).await;
        self.check_calls(&mut wrong);
        self.check_book(&rows, &mut wrong).await;
        wrong
    }

    async fn accounts(&self) -> Vec<Account> {
        let customers = self.customers.clone();
        self.write(move |tx, _, _| {
            let mut accounts = Vec::new();
            for &customer in &customers {
                let wallet = ledger::balances(tx, customer)?;
                let statement = ledger::statement(tx, customer, None, TRANSFERS_MAX)?;
                let mut topups = statement.transfers;
                topups.retain(|transfer| transfer.kind == TransferKind::Topup);
                accounts.push(Account { customer, wallet, topups });
            }
            Ok(accounts)
        })
        .await
    }

    /// Each payment that was made is credited once to its own customer, or stands in suspense; no other is credited.
    async fn check_credits(
        &self,
        accounts: &[Account],
        rows: &[PaymentRow],
        wrong: &mut Vec<String>,
    ) {
        let strange = lock(&self.strange).clone();
        let mut credits = BTreeMap::new();
        for account in accounts {
            for topup in &account.topups {
                let name = topup.key.split(':').nth(1).unwrap_or_default().to_owned();
                credits.entry(name).or_insert_with(Vec::new).push((account.customer, topup.amount));
            }
        }
        let made = self.sim.payments();
        let made = made.iter().filter(|it| it.status == PaymentStatus::Succeeded);
        for payment in made {
            let credited = credits.remove(&payment.id).unwrap_or_default();
            if strange.contains(&payment.id) {
                let money = self.suspended(&payment.id).await;
                if !credited.is_empty() || money.is_none() {
                    let id = &payment.id;
                    wrong.push(format!("not ours: {id} was credited {credited:?}, {money:?}"));
                }
                continue;
            }
            let row = rows.iter().find(|row| Some(row.id.to_string()) == order_of(payment));
            let Some(row) = row else {
                wrong.push(format!("nobody knows the payment {}", payment.id));
                continue;
            };
            let sum = rei_domain::money::Kopecks::new(payment.amount.kopecks);
            let is_credited = credited == [(row.customer, Money::Rub(sum))];
            let is_named = row.provider_id.as_deref() == Some(&payment.id);
            if !is_credited || !is_named || row.state != PaymentState::Paid {
                let money = self.suspended(&payment.id).await;
                wrong.push(format!(
                    "paid: {} of {sum} was credited {credited:?}, {money:?}, and stands as {row:?}",
                    payment.id
                ));
            }
        }
        for (name, credited) in credits {
            wrong.push(format!("{name} was not paid and was credited {credited:?}"));
        }
        let paid = rows.iter().filter(|row| row.state == PaymentState::Paid);
        for row in paid {
            let made = row.provider_id.as_deref().and_then(|id| self.sim.payment(id));
            if made.is_none_or(|payment| payment.status != PaymentStatus::Succeeded) {
                wrong.push(format!("not paid there, and here {row:?}"));
            }
        }
    }

    /// A customer's cash is what he paid less what went back and what he spent.
    fn check_wallets(&self, accounts: &[Account], rows: &[PaymentRow], wrong: &mut Vec<String>) {
        let strange = lock(&self.strange).clone();
        let spent = lock(&self.spent).clone();
        for Account { customer, wallet, .. } in accounts {
            let names: BTreeSet<String> = rows
                .iter()
                .filter(|row| row.customer == *customer)
                .map(|row| row.id.to_string())
                .collect();
            let is_his = |payment: &SimPayment| {
                !strange.contains(&payment.id)
                    && order_of(payment).is_some_and(|order| names.contains(&order))
            };
            let his: Vec<SimPayment> = self.sim.payments().into_iter().filter(is_his).collect();
            let paid: i64 = his
                .iter()
                .filter(|it| it.status == PaymentStatus::Succeeded)
                .map(|it| it.amount.kopecks)
                .sum();
            let mut back = 0;
            let mut is_by_hand = false;
            for refund in self.sim.refunds() {
                let is_his = his.iter().any(|payment| payment.id == refund.payment_id);
                if is_his && refund.status == RefundStatus::Succeeded {
                    back += refund.amount.kopecks;
                    is_by_hand |= refund.is_by_hand;
                }
            }
            let spent = spent.get(customer).copied().unwrap_or_default();
            let (free, held) = (wallet.cash.free.get(), wallet.cash.held.get());
            if free != paid - back - spent || held != 0 {
                wrong.push(format!(
                    "customer {customer} paid {paid}, got {back} back and spent {spent} kopecks; his wallet has {free}, \
                     and {held} on hold"
                ));
            }
            if free < 0 && !(is_by_hand && spent > 0) {
                wrong.push(format!(
                    "customer {customer} owes {free} kopecks and did nothing for it"
                ));
            }
        }
    }

    /// What the payment system has in all is what the book has, and both know it by the same names.
    async fn check_totals(&self, wrong: &mut Vec<String>) {
        let there = self.sim.totals().net_kopecks;
        let here = self.in_the_book().await - self.before;
        if there != here {
            wrong.push(format!("the payment system has {there} kopecks, the book {here}"));
        }
        let (house, rail) = (self.house(), self.rail());
        let rail: &dyn PaymentRail = rail.as_ref();
        let (from, upto) = (self.begun, self.now().plus(Duration::from_secs(1)));
        let compared = reconcile(&house, rail, from, upto).await;
        let compared = compared.expect("the payment system answers");
        if !compared.is_sound() {
            wrong.push(format!("the comparison found {:?}", compared.findings));
        }
    }

    /// All calls that could move money for one payment or one refund were the same call.
    fn check_calls(&self, wrong: &mut Vec<String>) {
        let calls = self.sim.calls();
        for (what, calls) in [("order_id", calls.creates()), ("refund_id", calls.refunds())] {
            let mut first: BTreeMap<String, &ApiCall> = BTreeMap::new();
            for call in &calls {
                let body: serde_json::Value =
                    serde_json::from_slice(&call.body).unwrap_or_default();
                let id = body["metadata"][what].as_str().unwrap_or("nobody's").to_owned();
                let known = *first.entry(id.clone()).or_insert(call);
                let is_same = known.idempotence_key == call.idempotence_key
                    && known.body == call.body
                    && id != "nobody's";
                if !is_same {
                    let keys = (&known.idempotence_key, &call.idempotence_key);
                    wrong.push(format!("{what} {id} was asked for in two ways, keys {keys:?}"));
                }
            }
        }
        let mut orders = BTreeMap::new();
        for payment in self.ours() {
            *orders.entry(order_of(&payment)).or_insert(0) += 1;
        }
        for (order, count) in orders.into_iter().filter(|(_, count)| *count > 1) {
            wrong.push(format!("the order {order:?} has {count} payments"));
        }
        for violation in self.sim.violations() {
            if violation.contains("Idempotence") {
                wrong.push(format!("the payment system says {violation}"));
            }
        }
    }

    /// The book is at rest, sound, and adds up to nothing.
    async fn check_book(&self, rows: &[PaymentRow], wrong: &mut Vec<String>) {
        let far = Timestamp(i64::MAX);
        let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
        let (live, holds, asked, report) = self
            .write(move |tx, _, _| {
                let mut asked = Vec::new();
                for &id in &ids {
                    let refunds = rows::refunds_of(tx, id)?;
                    asked.extend(refunds.into_iter().filter(|it| it.state == RefundState::Asked));
                }
                let holds = ledger::open_holds_older_than(tx, far, 10)?;
                Ok((jobs::count_live(tx)?, holds, asked, ledger::audit(tx)?))
            })
            .await;
        if live != 0 {
            wrong.push(format!("{live} jobs are left"));
        }
        if !holds.is_empty() || !asked.is_empty() {
            wrong.push(format!("on hold at rest: {holds:?}, {asked:?}"));
        }
        if !report.is_sound() || !report.trial.is_zero() {
            wrong.push(format!("the audit found {:?}, {}", report.findings, report.trial));
        }
        let open = rows.iter().filter(|row| row.state.is_open());
        wrong.extend(open.map(|row| format!("nobody watches {row:?}")));
    }

    async fn suspended(&self, id: &str) -> Option<SuspenseRow> {
        let id = id.to_owned();
        self.write(move |tx, _, _| Ok(rows::find_suspense(tx, Rail::YooKassa, &id)?)).await
    }
}
