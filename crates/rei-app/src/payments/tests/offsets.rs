//! Offset receipts: what an order used up of prepayments is receipted once, whatever gets lost on the way.

use std::time::Duration;

use rei_domain::chance::SeededChance;
use rei_domain::ids::{JobId, OrderId, QuoteId};
use rei_domain::ledger::{Account, Actor, IdempotencyKey, PocketOrder, Sale, TransferKind};
use rei_domain::money::{Kopecks, MicroUsd};
use rei_domain::order::OrderState;
use rei_storage::ledger::{self, NewSplitHold, NewTransfer};
use rei_storage::orders::{self, NewOrder, OrderRow};
use rei_storage::payments::{self, OffsetRow, OffsetState};

use super::bank::*;
use super::rail::Meets;
use crate::payments::*;

const DAY: Duration = Duration::from_secs(24 * 3600);
const EMAIL: &str = "anna@example.com";

impl Bank {
    /// Receipts say that payments are prepayments from now on, and Anna's go to her e-mail.
    async fn takes_prepayments(&self) {
        self.rail.state().receipts = Some(Receipts::Prepayment);
        self.has_email(Some(EMAIL)).await;
    }

    async fn has_email(&self, email: Option<&'static str>) {
        self.write(move |tx, _, now| Ok(payments::save_email(tx, ANNA, email, now)?)).await;
    }

    /// Anna places an order; its price is held.
    async fn orders(&self, price: i64, seed: u64, first: PocketOrder) -> OrderRow {
        self.write(move |tx, _, now| {
            let chance = SeededChance::new(seed);
            let (id, price) = (OrderId::new(now, &chance), rubles(price));
            let hold = NewSplitHold {
                customer: ANNA,
                order: id,
                credit: Account::Revenue(Sale::Image),
                kind: TransferKind::Order,
                amount: price,
                first,
                expires_at: now.plus(DAY),
                actor: Actor::Customer,
                at: now,
            };
            let hold = ledger::hold_split(tx, &hold)?;
            let new = NewOrder {
                id,
                customer: ANNA,
                quote: QuoteId::new(now, &chance),
                hold: hold.id().0,
                job: JobId::new(now, &chance),
                queue: "providers".to_owned(),
                sku: "pro".to_owned(),
                kind: "image".to_owned(),
                provider: "gemini".to_owned(),
                model: "pro".to_owned(),
                prompt: "кот".to_owned(),
                choices: "{}".to_owned(),
                items: 1,
                model_legacy: None,
                extras: "{}".to_owned(),
                length_ms: None,
                price,
                cost: MicroUsd(0),
                catalog_version: "v1".to_owned(),
                deadline_at: now.plus(DAY),
            };
            orders::create(tx, &new, now)?;
            Ok(orders::find(tx, id)?.expect("it is there"))
        })
        .await
    }

    /// The order is charged for.
    async fn captures(&self, order: &OrderRow, sum: i64) {
        let order = order.clone();
        self.write(move |tx, house, now| {
            let (from, to, sum) = (OrderState::Queued, OrderState::Ready, rubles(sum));
            orders::move_with_result(tx, order.id, from, to, "a", Some(sum), now)?;
            let charged = ledger::capture_order(tx, order.id, sum, Actor::System, now)?;
            Ok(owed(tx, house, &order, &charged, now)?)
        })
        .await;
    }

    /// Anna orders for this price, gets it, and pays with money.
    async fn buys(&self, price: i64, seed: u64) -> OrderRow {
        let order = self.orders(price, seed, PocketOrder::CashFirst).await;
        self.captures(&order, price).await;
        order
    }

    async fn offsets(&self) -> Vec<OffsetRow> {
        self.write(|tx, _, _| Ok(payments::offsets_of_customer(tx, ANNA, 100)?)).await
    }

    async fn the_offset(&self) -> OffsetRow {
        let mut all = self.offsets().await;
        assert_eq!(all.len(), 1, "{all:?}");
        all.remove(0)
    }

    async fn open(&self) -> i64 {
        self.write(|tx, _, _| Ok(payments::count_open_offsets(tx)?)).await
    }

    /// What the owner read about offset receipts.
    async fn alerts(&self) -> Vec<String> {
        let all = self.messages(BOSS).await;
        all.into_iter().filter(|text| text.contains("Зачётный чек")).collect()
    }
}

fn sums(rows: &[OffsetRow]) -> Vec<(OffsetState, Kopecks)> {
    rows.iter().map(|row| (row.state, row.amount)).collect()
}

#[test]
fn what_an_order_used_up_of_a_prepayment_gets_a_second_receipt() {
    on_each(async |bank| {
        bank.takes_prepayments().await;
        let paid = bank.pays("p-1", 500).await;
        let order = bank.buys(120, 1).await;
        let row = bank.the_offset().await;
        assert_eq!((row.payment, row.order), (paid.id, order.id));
        assert_eq!((row.state, row.request.as_deref()), (OffsetState::Created, None));
        assert_eq!(bank.open().await, 1);
        assert_eq!(bank.runs().await, [OFFSET_JOB]);
        let row = bank.the_offset().await;
        assert_eq!((row.state, row.request), (OffsetState::Succeeded, None));
        assert_eq!(bank.open().await, 0);
        let item = format!("заказ №{}", order.number);
        let asked = bank.rail.state().asked_offsets.clone();
        let bytes = String::from_utf8(asked[0].1.clone()).expect("words");
        assert_eq!(asked.len(), 1);
        assert!(bytes.starts_with("12000 of 1 to anna@example.com: "), "{bytes}");
        assert!(bytes.ends_with(&item), "{bytes}");
        assert_eq!(bank.alerts().await, [""; 0]);
        bank
    });
}

#[test]
fn a_payment_that_was_receipted_in_full_gets_no_second_receipt() {
    on_each(async |bank| {
        for made in [None, Some(Receipts::Full)] {
            bank.rail.state().receipts = made;
            bank.pays(if made.is_none() { "p-1" } else { "p-2" }, 100).await;
        }
        bank.has_email(Some(EMAIL)).await;
        // The owner changes the mode: what was paid before stays as it was receipted.
        bank.rail.state().receipts = Some(Receipts::Prepayment);
        bank.buys(150, 1).await;
        assert_eq!(bank.offsets().await, []);
        assert_eq!(bank.runs().await, [""; 0]);
        // And what was prepaid before another change is still owed its second receipt.
        bank.pays("p-3", 100).await;
        bank.rail.state().receipts = Some(Receipts::Full);
        bank.buys(60, 2).await;
        assert_eq!(sums(&bank.offsets().await), [(OffsetState::Created, rubles(60))]);
        bank
    });
}

#[test]
fn an_order_over_several_payments_uses_up_the_oldest_first() {
    on_each(async |bank| {
        bank.takes_prepayments().await;
        let first = bank.pays("p-1", 100).await;
        bank.later(MINUTE);
        let second = bank.pays("p-2", 200).await;
        bank.buys(70, 1).await;
        bank.buys(80, 2).await;
        let rows = bank.offsets().await;
        let of = |payment| -> Vec<Kopecks> {
            rows.iter().filter(|row| row.payment == payment).map(|row| row.amount).collect()
        };
        let mut of_first = of(first.id);
        of_first.sort();
        assert_eq!(of_first, [rubles(30), rubles(70)]);
        assert_eq!(of(second.id), [rubles(50)]);
        bank.runs().await;
        assert!(bank.offsets().await.iter().all(|row| row.state == OffsetState::Succeeded));
        assert_eq!(bank.rail.state().offsets.len(), 3);
        bank
    });
}

#[test]
fn only_what_was_charged_is_handed_over() {
    on_each(async |bank| {
        bank.takes_prepayments().await;
        bank.pays("p-1", 500).await;
        let order = bank.orders(100, 1, PocketOrder::CashFirst).await;
        bank.captures(&order, 25).await;
        // A charge that is said again owes nothing new.
        bank.captures(&order, 25).await;
        assert_eq!(bank.the_offset().await.amount, rubles(25));
        let voided = bank.orders(100, 2, PocketOrder::CashFirst).await;
        bank.write(move |tx, _, now| {
            let (from, to) = (OrderState::Queued, OrderState::Failed);
            orders::move_state(tx, voided.id, from, to, None, now)?;
            ledger::void_order(tx, voided.id, Actor::System, now).map(|_| ())
        })
        .await;
        assert_eq!(bank.offsets().await.len(), 1);
        bank
    });
}

#[test]
fn presents_and_refunded_money_are_not_handed_over() {
    on_each(async |bank| {
        bank.takes_prepayments().await;
        let paid = bank.pays("p-1", 100).await;
        bank.write(|tx, _, now| {
            let gift = NewTransfer {
                kind: TransferKind::Adjust,
                debit: Account::Adjust,
                credit: Account::bonus(ANNA),
                amount: rubles(30).into(),
                key: IdempotencyKey::new("gift")?,
                order: None,
                payment: None,
                actor: Actor::System,
                memo: None,
                at: now,
            };
            ledger::post(tx, &gift)
        })
        .await;
        let bonus = bank.wallet().await.bonus.free.get() / 100;
        // All of the bonus and ten rubles of cash.
        let order = bank.orders(bonus + 10, 1, PocketOrder::BonusFirst).await;
        bank.captures(&order, bonus + 10).await;
        assert_eq!(sums(&bank.offsets().await), [(OffsetState::Created, rubles(10))]);
        bank.refund(paid.number, Some(60)).await;
        // Thirty are left of the payment, and money of another kind is in the wallet.
        bank.write(|tx, _, now| {
            let credit = NewTransfer {
                kind: TransferKind::Adjust,
                debit: Account::Adjust,
                credit: Account::cash(ANNA),
                amount: rubles(500).into(),
                key: IdempotencyKey::new("credit")?,
                order: None,
                payment: None,
                actor: Actor::System,
                memo: None,
                at: now,
            };
            ledger::post(tx, &credit)
        })
        .await;
        bank.buys(200, 2).await;
        let mut handed_over: Vec<Kopecks> =
            bank.offsets().await.iter().map(|row| row.amount).collect();
        handed_over.sort();
        assert_eq!(handed_over, [rubles(10), rubles(30)]);
        bank.runs().await;
        bank.buys(100, 3).await;
        assert_eq!(bank.offsets().await.len(), 2, "nothing is left to hand over");
        bank
    });
}

#[test]
fn a_lost_answer_is_asked_for_again_with_the_same_key_and_bytes() {
    on_each(async |bank| {
        bank.takes_prepayments().await;
        bank.pays("p-1", 500).await;
        bank.rail.state().meets_offsets.extend([Meets::Nobody, Meets::LostAnswer, Meets::Pending]);
        bank.buys(120, 1).await;
        for _ in 0..3 {
            bank.runs().await;
            bank.has_email(Some("other@example.com")).await;
            bank.later(MINUTE);
        }
        let asked = bank.rail.state().asked_offsets.clone();
        assert_eq!(asked.len(), 2);
        assert_eq!(asked[0], asked[1]);
        assert_eq!(bank.rail.state().offsets.len(), 1);
        // The register takes its time; the sweep sees that it is done.
        let row = bank.the_offset().await;
        assert_eq!(row.state, OffsetState::Sent);
        bank.later(HOUR);
        bank.sweeps().await;
        assert_eq!(bank.the_offset().await.state, OffsetState::Sent);
        bank.rail.state().offsets.get_mut(&row.key).expect("it is there").status = "succeeded";
        bank.later(HOUR);
        bank.sweeps().await;
        let row = bank.the_offset().await;
        assert_eq!((row.state, row.request), (OffsetState::Succeeded, None));
        bank
    });
}

#[test]
fn a_key_that_died_is_never_sent_again() {
    on_each(async |bank| {
        bank.takes_prepayments().await;
        bank.pays("p-1", 500).await;
        bank.rail.state().meets_offsets.push_back(Meets::LostAnswer);
        bank.buys(120, 1).await;
        bank.runs().await;
        bank.rail.state().is_down = true;
        bank.later(DAY);
        bank.runs().await;
        bank.rail.state().is_down = false;
        bank.later(MINUTE);
        bank.runs().await;
        assert_eq!(bank.rail.state().asked_offsets.len(), 1);
        assert_eq!(bank.the_offset().await.state, OffsetState::Sent, "it was found");
        // Another one never arrived; who knows that is a person.
        bank.rail.state().meets_offsets.push_back(Meets::Nobody);
        bank.buys(50, 2).await;
        bank.runs().await;
        bank.later(DAY);
        bank.runs().await;
        bank.later(HOUR);
        bank.runs().await;
        let failed = bank.offsets().await.remove(1);
        assert_eq!((failed.state, failed.request), (OffsetState::Failed, None));
        assert_eq!(failed.reason.as_deref(), Some("unavailable"));
        assert_eq!(bank.rail.state().asked_offsets.len(), 1);
        let alerts = bank.alerts().await;
        assert_eq!(alerts.len(), 1, "{alerts:?}");
        assert!(alerts[0].contains("неизвестно, дошёл ли он"), "{alerts:?}");
        bank
    });
}

#[test]
fn a_refused_receipt_is_told_with_words_and_given_up() {
    on_each(async |bank| {
        bank.takes_prepayments().await;
        bank.pays("p-1", 500).await;
        bank.rail.state().meets_offsets.push_back(Meets::Refusal);
        bank.buys(120, 1).await;
        bank.runs().await;
        let row = bank.the_offset().await;
        assert_eq!((row.state, row.request), (OffsetState::Failed, None));
        let alerts = bank.alerts().await;
        assert_eq!(alerts.len(), 1, "{alerts:?}");
        assert!(alerts[0].contains("заказ №1") && alerts[0].contains("invalid_request"));
        bank.later(DAY);
        bank.sweeps().await;
        assert_eq!(bank.rail.state().asked_offsets.len(), 1);
        bank
    });
}

#[test]
fn what_only_the_owner_can_mend_is_told_once_and_tried_again() {
    on_each(async |bank| {
        bank.takes_prepayments().await;
        bank.pays("p-1", 500).await;
        bank.rail.state().meets_offsets.extend([Meets::WrongKey, Meets::WrongKey, Meets::WrongKey]);
        bank.buys(120, 1).await;
        bank.buys(50, 2).await;
        bank.runs().await;
        bank.later(2 * DAY);
        bank.sweeps().await;
        assert_eq!(bank.alerts().await.len(), 1);
        bank.later(HOUR);
        bank.sweeps().await;
        assert!(bank.offsets().await.iter().all(|row| row.state == OffsetState::Succeeded));
        assert_eq!(bank.rail.state().offsets.len(), 2);
        bank
    });
}

#[test]
fn a_receipt_waits_for_an_email_that_was_taken_back() {
    on_each(async |bank| {
        bank.takes_prepayments().await;
        bank.pays("p-1", 500).await;
        bank.has_email(None).await;
        bank.buys(120, 1).await;
        bank.buys(50, 2).await;
        bank.runs().await;
        bank.later(2 * HOUR);
        assert_eq!(bank.sweeps().await, [SWEEP_JOB], "nothing can be sent");
        let alerts = bank.alerts().await;
        assert_eq!(alerts.len(), 1, "{alerts:?}");
        assert!(alerts[0].contains("не оставил адрес"), "{alerts:?}");
        assert_eq!(bank.open().await, 2);
        bank.has_email(Some(EMAIL)).await;
        bank.sweeps().await;
        assert_eq!(bank.open().await, 0);
        assert_eq!(bank.rail.state().offsets.len(), 2);
        bank
    });
}

#[test]
fn a_register_that_refuses_or_is_silent_for_days_is_told_once() {
    on_each(async |bank| {
        bank.takes_prepayments().await;
        bank.pays("p-1", 500).await;
        bank.rail.state().meets_offsets.extend([Meets::Pending, Meets::Pending]);
        bank.buys(120, 1).await;
        bank.later(MINUTE);
        bank.buys(50, 2).await;
        bank.runs().await;
        let key = bank.offsets().await[0].key.clone();
        bank.rail.state().offsets.get_mut(&key).expect("it is there").status = "canceled";
        bank.later(HOUR);
        bank.sweeps().await;
        bank.later(3 * DAY);
        bank.sweeps().await;
        bank.sweeps().await;
        let reasons: Vec<_> = bank.offsets().await.into_iter().map(|row| row.reason).collect();
        assert_eq!(reasons, [Some("canceled".to_owned()), Some("overdue".to_owned())]);
        assert_eq!(bank.alerts().await.len(), 2);
        bank
    });
}

#[test]
fn a_receipt_that_can_not_be_asked_about_does_not_hide_the_others() {
    on_each(async |bank| {
        bank.takes_prepayments().await;
        bank.pays("p-1", 500).await;
        bank.rail.state().meets_offsets.extend([Meets::Pending, Meets::Pending]);
        bank.buys(120, 1).await;
        bank.later(MINUTE);
        bank.buys(50, 2).await;
        bank.runs().await;
        for (row, status) in bank.offsets().await.iter().zip(["broken", "succeeded"]) {
            let mut state = bank.rail.state();
            state.offsets.get_mut(&row.key).expect("it is there").status = status;
        }
        bank.later(HOUR);
        bank.sweeps().await;
        let states: Vec<_> = bank.offsets().await.into_iter().map(|row| row.state).collect();
        assert_eq!(states[1], OffsetState::Succeeded, "{states:?}");
        assert_ne!(states[0], OffsetState::Succeeded, "{states:?}");
        bank
    });
}

#[test]
fn the_comparison_names_a_payment_that_was_handed_over_twice() {
    on_each(async |bank| {
        bank.takes_prepayments().await;
        let paid = bank.pays("p-1", 500).await;
        bank.buys(120, 1).await;
        let compared = async |bank: &Bank| {
            let (from, upto) = (bank.now().minus(HOUR), bank.now());
            reconcile(&bank.house, bank.rail.as_ref(), from, upto).await.expect("both are read")
        };
        assert!(compared(&bank).await.is_sound());
        // Whoever writes past the guard is found out.
        let written = async |bank: &Bank, kopecks: i64| {
            let text = format!("update offset_receipt set amount = {kopecks}");
            bank.write(move |tx, _, _| Ok(tx.execute_text(&text)?)).await;
        };
        written(&bank, 60_000).await;
        let audit = bank.write(|tx, _, _| Ok(ledger::audit(tx)?)).await;
        let named: Vec<String> = audit.findings.kept.iter().map(ToString::to_string).collect();
        let why = "has offset receipts over 60000 kopecks, and 50000 were paid";
        assert_eq!(named, [format!("payment {} {why}", paid.number)]);
        let compared = compared(&bank).await;
        assert_eq!(compared.difference, Kopecks::ZERO, "no money is missing");
        let finding = Finding {
            difference: Difference::OverOffset,
            what: What::Payment,
            id: "p-1".to_owned(),
            theirs: Some(rubles(500)),
            book: rubles(600),
        };
        assert_eq!(compared.findings, [finding]);
        written(&bank, 12_000).await;
        bank
    });
}
