//! Presents on the real book: as many as were meant, however many hands reach for them.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use proptest::prelude::*;
use rei_domain::clock::Timestamp;
use rei_domain::ids::{CustomerId, OrderId};
use rei_domain::ledger::{
    Account, Actor, IdempotencyKey, PocketOrder, Rail, Sale, TransferKind, Wallet,
};
use rei_domain::money::Kopecks;
use rei_storage::ledger::{self, NewSplitHold, NewTransfer};
use rei_storage::testing::each_engine;
use rei_storage::{Book, Tx, customers};
use rei_texts::Lang;

use super::first_topup::{bonus_for, give};
use super::promo::use_code;
use super::*;
use crate::{FirstTopupBonus, LedgerError};

/// 2026-07-05.
const NOW: Timestamp = Timestamp(1_783_260_309_000);
const BOSS: CustomerId = CustomerId(1);
const ANNA: CustomerId = CustomerId(42);
const RULE: Option<FirstTopupBonus> =
    Some(FirstTopupBonus { percent: 20, max: Kopecks::from_rubles(100) });

fn write<T: Send + 'static>(
    book: &Book,
    work: impl Fn(&mut Tx<'_>) -> Result<T, LedgerError> + Send + 'static,
) -> T {
    book.blocking_write(work).expect("the book works")
}

fn meets(book: &Book, ids: impl IntoIterator<Item = i64>) {
    for id in ids {
        write(book, move |tx| {
            customers::seen(tx, CustomerId(id), "x", Some("ru"), NOW)?;
            Ok(ledger::open_customer(tx, CustomerId(id))?)
        });
    }
}

fn makes(book: &Book, args: &'static str) -> bool {
    write(book, move |tx| {
        let spec = PromoSpec::parse(args, NOW).expect("the words are right");
        Ok(admin::promo_new(tx, BOSS, &spec, NOW)?)
    })
}

fn uses_at(book: &Book, customer: i64, code: &str, now: Timestamp) -> PromoOutcome {
    let code = code.to_owned();
    write(book, move |tx| use_code(tx, CustomerId(customer), &code, now))
}

fn uses(book: &Book, customer: i64, code: &str) -> PromoOutcome {
    uses_at(book, customer, code, NOW)
}

fn wallet(book: &Book, customer: CustomerId) -> Wallet {
    book.blocking_read(move |tx| ledger::balances(tx, customer)).expect("the book is readable")
}

fn bonus(book: &Book, customer: CustomerId) -> Kopecks {
    wallet(book, customer).bonus.free
}

fn given(rubles: i64) -> PromoOutcome {
    let sum = Kopecks::from_rubles(rubles);
    PromoOutcome::Given { sum, balance: sum }
}

fn assert_sound(book: &Book) {
    let report = book.blocking_read(ledger::audit_ledger).expect("the book is readable");
    assert_eq!(report.findings.kept, []);
    assert!(report.trial.is_zero(), "{}", report.trial);
}

/// Runs `each` on as many threads as there are items and counts how often it is true.
fn at_once(items: impl IntoIterator<Item = i64>, each: impl Fn(i64) -> bool + Sync) -> usize {
    let won = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for item in items {
            let (won, each) = (&won, &each);
            scope.spawn(move || won.fetch_add(usize::from(each(item)), Ordering::Relaxed));
        }
    });
    won.into_inner()
}

#[test]
fn m12_fifty_customers_at_a_code_for_one_have_one_winner() {
    each_engine(|book, _| {
        meets(book, 1..=50);
        makes(book, "ONE 50 x1");
        let won = at_once(1..=50, |customer| match uses(book, customer, "one") {
            PromoOutcome::Given { .. } => true,
            PromoOutcome::UsedUp => false,
            other => panic!("{other:?}"),
        });
        assert_eq!(won, 1);
        let all: Kopecks = (1..=50).map(|customer| bonus(book, CustomerId(customer))).sum();
        assert_eq!(all, Kopecks::from_rubles(50));
        assert_sound(book);
    });
}

#[test]
fn m12_one_customer_who_taps_fifty_times_wins_once() {
    each_engine(|book, _| {
        meets(book, [42]);
        makes(book, "TAP 50");
        let won = at_once(0..50, |_| match uses(book, 42, "TAP") {
            PromoOutcome::Given { .. } => true,
            PromoOutcome::UsedByYou => false,
            other => panic!("{other:?}"),
        });
        assert_eq!((won, bonus(book, ANNA)), (1, Kopecks::from_rubles(50)));
        assert_sound(book);
    });
}

#[test]
fn a_code_keeps_each_of_its_limits() {
    each_engine(|book, _| {
        meets(book, [1, 42, 43, 44]);
        makes(book, "TWICE 10 each 2 x3");
        assert_eq!(uses(book, 42, " twice "), given(10));
        assert!(matches!(uses(book, 42, "TWICE"), PromoOutcome::Given { .. }));
        assert_eq!(uses(book, 42, "TWICE"), PromoOutcome::UsedByYou);
        assert_eq!(uses(book, 43, "TWICE"), given(10));
        assert_eq!(uses(book, 44, "TWICE"), PromoOutcome::UsedUp);

        makes(book, "TODAY 10 until 2026-07-05");
        let tomorrow = NOW.plus(Duration::from_secs(10 * 3_600));
        assert_eq!(uses_at(book, 44, "TODAY", tomorrow), PromoOutcome::Expired);
        assert_eq!(uses(book, 44, "TODAY"), given(10));

        makes(book, "OFF 10");
        write(book, |tx| Ok(admin::promo_off(tx, "OFF")?));
        assert_eq!(uses(book, 43, "OFF"), PromoOutcome::Expired);
        assert_sound(book);
    });
}

#[test]
fn a_code_for_new_customers_is_not_for_those_who_bought() {
    each_engine(|book, engine| {
        meets(book, [1, 42, 43]);
        makes(book, "HELLO 10 new");
        assert_eq!(uses(book, 42, "HELLO"), given(10));
        let id = match engine {
            rei_storage::testing::EngineKind::Sqlite => "x'019a000000007000d000000000000001'",
            rei_storage::testing::EngineKind::Postgres => "'\\x019a000000007000d000000000000001'",
        };
        let paid = format!(
            "insert into payment (id, customer, rail, amount, state, key, provider_id, is_test, created_at, paid_at,
             state_at) values ({id}, 43, 'yookassa', 1, 'paid', 'k', 'p', 1, 1, 1, 1)"
        );
        write(book, move |tx| Ok(tx.execute_text(&paid)?));
        assert_eq!(uses(book, 43, "HELLO"), PromoOutcome::NotForYou);
    });
}

#[test]
fn who_guesses_at_codes_is_not_answered_for_an_hour() {
    each_engine(|book, _| {
        meets(book, [1, 42, 43]);
        makes(book, "REAL 10");
        for guess in 0..9 {
            assert_eq!(uses(book, 42, &format!("GUESS{guess}")), PromoOutcome::Unknown);
        }
        assert_eq!(uses(book, 42, "?!"), PromoOutcome::Unknown, "no code at all counts, too");
        assert_eq!(uses(book, 42, "REAL"), PromoOutcome::Unknown, "even the right one");
        assert_eq!(uses(book, 43, "REAL"), given(10), "others are not concerned");
        let later = NOW.plus(Duration::from_secs(3_600));
        assert_eq!(uses_at(book, 42, "REAL", later), given(10));
    });
}

#[test]
fn m11_a_code_is_made_once_and_its_terms_stay() {
    each_engine(|book, _| {
        meets(book, [1, 42]);
        let flat = |html: String| html.replace('\u{202f}', " ");
        let none = write(book, |tx| Ok(admin::promos(tx, BOSS, NOW)?));
        assert_eq!(none, "Промокодов пока нет. Создать: /promo_new");
        assert!(makes(book, "SUMMER 50 x100 until 2026-12-31 new"));
        let shown = |tx: &mut Tx<'_>| Ok(admin::promo_shown(tx, "SUMMER", Lang::Ru, NOW)?);
        assert_eq!(
            write(book, shown).map(flat).as_deref(),
            Some(
                "<code>SUMMER</code> · 50 ₽ · использован 0 из 100 · на одного: 1 · по 2026-12-31 · только новым"
            )
        );
        assert!(!makes(book, "summer 500"), "its terms stay");
        assert_eq!(uses(book, 42, "SUMMER"), given(50));
        let off = || write(book, |tx| Ok(admin::promo_off(tx, "SUMMER")?));
        assert!(off());
        assert!(!off(), "once");
        assert_eq!(write(book, shown), None);
        let listed = flat(write(book, |tx| Ok(admin::promos(tx, BOSS, NOW)?)));
        assert!(listed.contains("использован 1 из 100") && listed.ends_with("· выключен"));
    });
}

/// A top-up of so many rubles, with what it brings.
fn tops_up(book: &Book, payment: &'static str, rubles: i64) -> Kopecks {
    write(book, move |tx| {
        let sum = Kopecks::from_rubles(rubles);
        ledger::post(
            tx,
            &NewTransfer {
                kind: TransferKind::Topup,
                debit: Account::Clearing(Rail::YooKassa),
                credit: Account::cash(ANNA),
                amount: sum.into(),
                key: IdempotencyKey::new(payment)?,
                order: None,
                payment: Some(payment.to_owned()),
                actor: Actor::System,
                memo: None,
                at: NOW,
            },
        )?;
        give(tx, RULE, ANNA, payment, sum, NOW)
    })
}

fn takes_back(book: &Book, payment: &'static str) -> Kopecks {
    write(book, move |tx| take_back_first_topup_bonus(tx, ANNA, payment, NOW))
}

fn order(number: u8) -> OrderId {
    OrderId::from_slice(&[number; 16]).expect("sixteen bytes")
}

/// Puts the price of an order on hold, bonus first.
fn holds(book: &Book, number: u8, rubles: i64) {
    write(book, move |tx| {
        let hold = ledger::hold_split(
            tx,
            &NewSplitHold {
                customer: ANNA,
                order: order(number),
                credit: Account::Revenue(Sale::Image),
                kind: TransferKind::Order,
                amount: Kopecks::from_rubles(rubles),
                first: PocketOrder::BonusFirst,
                expires_at: NOW.plus(Duration::from_secs(3_600)),
                actor: Actor::Customer,
                at: NOW,
            },
        )?;
        Ok(hold.amount())
    });
}

fn collects(book: &Book) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(collect_owed_bonus(book, NOW)).expect("the book works");
}

#[test]
fn the_first_top_up_alone_brings_a_bonus() {
    each_engine(|book, _| {
        meets(book, [42]);
        assert_eq!(tops_up(book, "a", 300), Kopecks::from_rubles(60));
        assert_eq!(tops_up(book, "b", 300), Kopecks::ZERO);
        assert_eq!(bonus(book, ANNA), Kopecks::from_rubles(60));
        assert_sound(book);
    });
}

#[test]
fn top_ups_at_the_same_moment_bring_one_bonus() {
    each_engine(|book, _| {
        meets(book, [42]);
        let sum = Kopecks::from_rubles(100);
        let won = at_once(0..16, |number| {
            let payment = format!("payment-{number}");
            write(book, move |tx| give(tx, RULE, ANNA, &payment, sum, NOW)).is_positive()
        });
        assert_eq!((won, bonus(book, ANNA)), (1, Kopecks::from_rubles(20)));
        assert_sound(book);
    });
}

#[test]
fn m13_a_refunded_first_top_up_leaves_no_bonus() {
    each_engine(|book, _| {
        meets(book, [42]);
        tops_up(book, "a", 300);
        tops_up(book, "b", 300);
        assert_eq!(takes_back(book, "b"), Kopecks::ZERO, "it brought none");
        assert_eq!(takes_back(book, "a"), Kopecks::from_rubles(60));
        assert_eq!(takes_back(book, "a"), Kopecks::ZERO, "once");
        assert_eq!(bonus(book, ANNA), Kopecks::ZERO);
        assert_eq!(tops_up(book, "c", 300), Kopecks::ZERO, "nor does a later one bring any");
        assert_sound(book);
    });
}

#[test]
fn m13_a_bonus_on_hold_goes_back_when_the_order_comes_to_nothing() {
    each_engine(|book, _| {
        meets(book, [42]);
        tops_up(book, "a", 300);
        holds(book, 1, 50);
        assert_eq!(takes_back(book, "a"), Kopecks::from_rubles(10));
        collects(book);
        assert_eq!(bonus(book, ANNA), Kopecks::ZERO);
        write(book, |tx| ledger::void_order(tx, order(1), Actor::System, NOW));
        collects(book);
        collects(book);
        let left = wallet(book, ANNA);
        assert_eq!((left.bonus.free, left.bonus.held), (Kopecks::ZERO, Kopecks::ZERO));
        assert_eq!(left.cash.free, Kopecks::from_rubles(300));
        assert_sound(book);
    });
}

#[test]
fn m13_a_bonus_that_was_spent_is_not_taken_from_the_next_one() {
    each_engine(|book, _| {
        meets(book, [1, 42]);
        makes(book, "NEXT 30");
        tops_up(book, "a", 300);
        holds(book, 1, 60);
        assert_eq!(takes_back(book, "a"), Kopecks::ZERO);
        write(book, |tx| {
            ledger::capture_order(tx, order(1), Kopecks::from_rubles(60), Actor::System, NOW)
        });
        collects(book);
        uses(book, 42, "NEXT");
        collects(book);
        assert_eq!(bonus(book, ANNA), Kopecks::from_rubles(30));
        assert_sound(book);
    });
}

proptest! {
    #[test]
    fn a_bonus_is_never_more_than_its_share_and_its_limit(percent: u8, most in 0_i64..1_000_000, sum in 0_i64..1_000_000_000) {
        let rule = FirstTopupBonus { percent, max: Kopecks::new(most) };
        let bonus = bonus_for(rule, Kopecks::new(sum)).get();
        prop_assert!((0..=most).contains(&bonus));
        prop_assert!(i128::from(bonus) * 100 <= i128::from(sum) * i128::from(percent));
    }
}
