//! Statements of the real book, as a customer reads them.

use std::time::Duration;

use proptest::prelude::*;
use rei_domain::catalog::Catalog;
use rei_domain::chance::SeededChance;
use rei_domain::clock::Timestamp;
use rei_domain::ids::{JobId, OrderId, QuoteId};
use rei_domain::ledger::{
    Account, Actor, Expense, IdempotencyKey, NewHold, Pocket, PocketOrder, Rail, Resolution, Sale,
    TransferKind,
};
use rei_domain::money::MicroUsd;
use rei_domain::order::OrderState;
use rei_storage::ledger::{self, LedgerError, NewSplitHold, NewTransfer};
use rei_storage::orders::NewOrder;
use rei_storage::testing::{each_engine, temp_sqlite};
use rei_storage::{Book, customers};

use super::*;

/// 2026-07-05, 14:05:09.
const NOW: Timestamp = Timestamp(1_783_260_309_000);
const ANNA: CustomerId = CustomerId(42);
const CHOICES: &str = r#"{"sku":"pro","ratio":"1:1","size":"2K","sound":"","seconds":0,"count":2}"#;

fn at(minute: u64) -> Timestamp {
    NOW.plus(Duration::from_secs(minute * 60))
}

fn write<T: Send + 'static>(
    book: &Book,
    work: impl Fn(&mut Tx<'_>) -> Result<T, LedgerError> + Send + 'static,
) -> T {
    book.blocking_write(work).expect("the book works")
}

fn meets(book: &Book) {
    write(book, |tx| {
        customers::seen(tx, ANNA, "Anna", Some("ru"), NOW)?;
        Ok(ledger::open_customer(tx, ANNA)?)
    });
}

/// Moves money at once.
fn posts(
    book: &Book,
    kind: TransferKind,
    sides: (Account, Account),
    kopecks: i64,
    memo: &'static str,
    minute: u64,
) {
    posts_for(book, kind, sides, kopecks, memo, minute, None);
}

fn posts_for(
    book: &Book,
    kind: TransferKind,
    sides: (Account, Account),
    kopecks: i64,
    memo: &'static str,
    minute: u64,
    order: Option<OrderId>,
) {
    write(book, move |tx| {
        let new = NewTransfer {
            kind,
            debit: sides.0.clone(),
            credit: sides.1.clone(),
            amount: Kopecks::new(kopecks).into(),
            key: IdempotencyKey::new(format!("post-{minute}"))?,
            order,
            payment: None,
            actor: Actor::System,
            memo: (!memo.is_empty()).then(|| memo.to_owned()),
            at: at(minute),
        };
        ledger::post(tx, &new).map(|_| ())
    });
}

fn tops_up(book: &Book, rubles: i64, minute: u64) {
    let sides = (Account::Clearing(Rail::YooKassa), Account::cash(ANNA));
    posts(book, TransferKind::Topup, sides, rubles * 100, "", minute);
}

fn gives(book: &Book, rubles: i64, minute: u64) {
    let sides = (Account::Expense(Expense::Promo), Account::bonus(ANNA));
    posts(book, TransferKind::Gift, sides, rubles * 100, "welcome", minute);
}

/// Places an order of two pictures.
fn places(book: &Book, rubles: i64, minute: u64) -> OrderId {
    write(book, move |tx| {
        let chance = SeededChance::new(minute);
        let (now, price) = (at(minute), Kopecks::from_rubles(rubles));
        let id = OrderId::new(now, &chance);
        let hold = ledger::hold_split(
            tx,
            &NewSplitHold {
                customer: ANNA,
                order: id,
                credit: Account::Revenue(Sale::Image),
                kind: TransferKind::Order,
                amount: price,
                first: PocketOrder::BonusFirst,
                expires_at: now.plus(Duration::from_secs(3_600)),
                actor: Actor::Customer,
                at: now,
            },
        )?;
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
            prompt: "<b>кот".to_owned(),
            choices: CHOICES.to_owned(),
            items: 2,
            model_legacy: None,
            extras: "{}".to_owned(),
            length_ms: None,
            price,
            cost: MicroUsd(1),
            catalog_version: "v1".to_owned(),
            deadline_at: now.plus(Duration::from_secs(3_600)),
        };
        rei_storage::orders::create(tx, &new, now)?;
        Ok(id)
    })
}

fn captures(book: &Book, order: OrderId, rubles: i64, minute: u64) {
    write(book, move |tx| {
        let sum = Kopecks::from_rubles(rubles);
        let (from, to) = (OrderState::Queued, OrderState::Ready);
        rei_storage::orders::move_with_result(tx, order, from, to, "a", Some(sum), at(minute))?;
        ledger::capture_order(tx, order, sum, Actor::System, at(minute)).map(|_| ())
    });
}

fn voids(book: &Book, order: OrderId, minute: u64) {
    write(book, move |tx| ledger::void_order(tx, order, Actor::System, at(minute)).map(|_| ()));
}

/// A refund to the card that is under way; how it ends is said by `done`.
fn sends_out(book: &Book, rubles: i64, minute: u64, done: bool) {
    write(book, move |tx| {
        let held = ledger::hold(
            tx,
            &NewHold {
                kind: TransferKind::Refund,
                customer: ANNA,
                first: PocketOrder::Only(Pocket::Cash),
                amount: Kopecks::from_rubles(rubles),
                credit: Account::Clearing(Rail::YooKassa),
                key: IdempotencyKey::new(format!("out-{minute}"))?,
                order: None,
                payment: None,
                actor: Actor::System,
                expires_at: at(minute + 60),
                at: at(minute),
            },
        )?;
        let resolution = Resolution {
            hold: held.id(),
            key: IdempotencyKey::new(format!("out-end-{minute}"))?,
            actor: Actor::System,
            memo: None,
            at: at(minute + 1),
        };
        match done {
            true => ledger::capture(tx, &resolution, Kopecks::from_rubles(rubles)),
            false => ledger::void(tx, &resolution),
        }
        .map(|_| ())
    });
}

fn page(book: &Book, page: u32, lang: Lang) -> StatementPage {
    book.blocking_read(move |tx| statement(tx, ANNA, lang, page)).expect("the book is readable")
}

/// The lines of a page with plain spaces.
fn lines(page: &StatementPage) -> Vec<String> {
    page.html.replace('\u{202f}', " ").lines().map(str::to_owned).collect()
}

#[test]
fn an_order_is_told_step_by_step_without_charging_twice() {
    each_engine(|book, _| {
        meets(book);
        gives(book, 30, 0);
        tops_up(book, 300, 1);
        let first = places(book, 80, 2);
        captures(book, first, 40, 3);
        let second = places(book, 50, 4);
        voids(book, second, 24 * 60);
        let page = page(book, 0, Lang::Ru);
        assert_eq!(
            lines(&page),
            [
                "<b>Выписка</b>",
                "",
                "<b>6 июля 2026</b>",
                "14:05 · +50 ₽ · заказ №2 не выполнен, деньги вернулись",
                "",
                "<b>5 июля 2026</b>",
                "14:09 · −50 ₽ · удержано за заказ №2",
                "14:08 · 10 ₽ · списано из удержанного: заказ №1 выполнен частично, 40 ₽ вернулись на баланс",
                "14:08 · 30 ₽ · списано из удержанного: заказ №1 готов (бонусы)",
                "14:07 · −50 ₽ · удержано за заказ №1",
                "14:07 · −30 ₽ · удержано за заказ №1 (бонусы)",
                "14:06 · +300 ₽ · пополнение картой",
                "14:05 · +30 ₽ · подарок за знакомство (бонусы)",
                "",
                "Время по UTC. Удержанное спишется только за готовый результат.",
            ]
        );
        assert!(!page.has_more);
    });
}

#[test]
fn money_from_and_to_the_outside_has_words_of_its_own() {
    let fresh = temp_sqlite();
    let book = &fresh.book;
    meets(book);
    let cash = || Account::cash(ANNA);
    let card = || Account::Clearing(Rail::YooKassa);
    let stars = || Account::Clearing(Rail::Stars);
    let minute = std::cell::Cell::new(0);
    let said = |kind, sides, memo, words: &str| {
        minute.set(minute.get() + 1);
        posts(book, kind, sides, 1_000, memo, minute.get());
        let newest = lines(&page(book, 0, Lang::Ru))[3].clone();
        assert!(newest.ends_with(words), "{newest}");
    };
    use TransferKind as K;
    said(K::Topup, (stars(), cash()), "", "+10 ₽ · пополнение через Stars");
    said(K::Topup, (Account::Suspense, cash()), "", "зачислен найденный платёж");
    said(K::Grant, (Account::Adjust, cash()), "за <ожидание>", "поддержкой: за &lt;ожидание&gt;");
    said(K::Adjust, (Account::Adjust, cash()), "ошибка", "в вашу пользу: ошибка");
    said(K::Adjust, (cash(), Account::Adjust), "дважды", "−10 ₽ · списано поддержкой: дважды");
    let promo = || Account::Expense(Expense::Promo);
    said(K::Promo, (promo(), Account::bonus(ANNA)), "SUMMER", "промокод SUMMER (бонусы)");
    said(K::Gift, (promo(), Account::bonus(ANNA)), "first-topup", "первое пополнение (бонусы)");
    said(K::Gift, (promo(), Account::bonus(ANNA)), "", "+10 ₽ · подарок (бонусы)");
    let back = (Account::bonus(ANNA), Account::Adjust);
    said(K::Adjust, back, "first-topup-back", "снят: тот платёж возвращён (бонусы)");
    said(K::Refund, (cash(), card()), "", "−10 ₽ · возвращено на карту");
    said(K::Refund, (Account::Revenue(Sale::Video), cash()), "", "+10 ₽ · возвращено за заказ");
    said(K::ForeignRefund, (cash(), stars()), "", "−10 ₽ · платёж возвращён в Stars");
    said(K::Chargeback, (cash(), card()), "", "−10 ₽ · банк отозвал платёж");
    tops_up(book, 100, 4_000);
    sends_out(book, 10, 5_000, true);
    sends_out(book, 10, 5_010, false);
    let newest = lines(&page(book, 0, Lang::Ru));
    let expected = [
        "+10 ₽ · возврат на карту не прошёл, деньги снова на балансе",
        "−10 ₽ · ждёт возврата на карту",
        "10 ₽ · возвращено на карту",
        "−10 ₽ · ждёт возврата на карту",
    ];
    for (line, words) in newest[3..].iter().zip(expected) {
        assert!(line.ends_with(words), "{line}");
    }
    for number in 0..2 {
        let english = page(book, number, Lang::En).html;
        assert!(!english.contains("· operation"), "{english}");
    }
}

#[test]
fn pages_follow_each_other_without_gap_or_overlap() {
    each_engine(|book, _| {
        meets(book);
        assert_eq!(page(book, 0, Lang::Ru).html, "Операций пока нет.");
        for minute in 1..=25 {
            tops_up(book, i64::try_from(minute).expect("small"), minute);
        }
        let sums = |number| -> Vec<i64> {
            let read = |line: &String| line.split('+').nth(1)?.split(' ').next()?.parse().ok();
            lines(&page(book, number, Lang::En)).iter().filter_map(read).collect()
        };
        assert_eq!(sums(0), (16..=25).rev().collect::<Vec<_>>());
        assert_eq!(sums(1), (6..=15).rev().collect::<Vec<_>>());
        assert_eq!(sums(2), (1..=5).rev().collect::<Vec<_>>());
        let more: Vec<bool> = (0..4).map(|number| page(book, number, Lang::En).has_more).collect();
        assert_eq!(more, [true, true, false, false]);
        let stranger = book.blocking_read(|tx| statement(tx, CustomerId(43), Lang::En, 0));
        assert_eq!(stranger.expect("readable").html, "No operations yet.");
    });
}

#[test]
fn a_charge_is_explained_with_all_that_became_of_it() {
    each_engine(|book, _| {
        meets(book);
        gives(book, 30, 0);
        tops_up(book, 300, 1);
        let order = places(book, 80, 2);
        let told = |lang| {
            let told = book.blocking_read(move |tx| why(tx, &sold(), ANNA, order, lang));
            told.expect("readable").expect("her order").replace('\u{202f}', " ")
        };
        assert!(told(Lang::En).contains("Nothing is charged yet"), "{}", told(Lang::En));
        captures(book, order, 40, 3);
        let sides = (Account::Revenue(Sale::Image), Account::cash(ANNA));
        posts_for(book, TransferKind::Refund, sides, 500, "", 5, Some(order));
        let words = told(Lang::Ru);
        let (known, support) = words.rsplit_once('\n').expect("lines");
        assert_eq!(
            known,
            "<b>За что списано: заказ №1</b>\npro\nВы выбрали: 2K · 1:1 · × 2\n\n\
             Цена 80 ₽: 2 × 40 ₽. Она показана вам до заказа и с тех пор не менялась. \
             Заказ принят 5 июля 2026, 14:07 UTC.\n\
             Удержано 80 ₽: 5 июля 2026, 14:07 UTC (деньги 50 ₽ и бонусы 30 ₽)\n\
             Списано 40 ₽: 5 июля 2026, 14:08 UTC, когда результат был готов (деньги 10 ₽ и бонусы 30 ₽)\n\
             Вернулось из удержанного 40 ₽: 5 июля 2026, 14:08 UTC\n\
             Возвращено на баланс 5 ₽: 5 июля 2026, 14:10 UTC"
        );
        assert!(support.starts_with("Номер для поддержки: <code>J-1-"), "{support}");
        let lost = places(book, 50, 6);
        voids(book, lost, 7);
        let words =
            book.blocking_read(move |tx| why(tx, &sold(), ANNA, lost, Lang::En)).expect("readable");
        assert!(words.expect("her order").contains("Nothing was charged"));
        let stranger =
            book.blocking_read(move |tx| why(tx, &sold(), CustomerId(43), order, Lang::En));
        assert_eq!(stranger.expect("readable"), None);
    });
}

/// What ships with the program; the orders here are of a model that is sold no more.
fn sold() -> Catalog {
    Catalog::parse(include_str!("../../../../data/catalog.toml")).expect("it is right")
}

/// The cells of a plain file, its head left out.
fn cells(csv: Csv) -> Vec<Vec<String>> {
    let text = String::from_utf8(csv.into_bytes()).expect("it is text");
    let rows = text.trim_start_matches('\u{feff}').lines().skip(1);
    rows.map(|row| row.split(',').map(str::to_owned).collect()).collect()
}

fn file_of(book: &Book, rows_max: usize) -> file::StatementFile {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let made = statement_file(book, ANNA, Lang::En, rows_max, usize::MAX);
    runtime.block_on(made).expect("the book is readable")
}

fn minor(cell: &str) -> i64 {
    cell.replace('.', "").parse().expect("a sum with a dot")
}

#[test]
fn the_file_has_every_transfer_from_the_first_on() {
    each_engine(|book, _| {
        meets(book);
        tops_up(book, 300, 1);
        let order = places(book, 80, 2);
        captures(book, order, 40, 3);
        let file = file_of(book, 1_000);
        assert!(!file.is_cut);
        let rows = cells(file.csv);
        let shown: Vec<_> = rows.iter().map(|row| row[1..5].join(" ")).collect();
        assert_eq!(
            shown,
            ["300.00 300.00 300.00 money", "-80.00 220.00 80.00 money", "40.00 260.00 40.00 money"]
        );
        assert_eq!(rows[1][0], "2026-07-05T14:07:09Z");
        assert_eq!(rows[1][6], "1");
    });
}

#[test]
fn a_long_statement_is_cut_at_its_old_end_and_still_adds_up() {
    let fresh = temp_sqlite();
    meets(&fresh.book);
    for minute in 1..=450 {
        tops_up(&fresh.book, 1, minute);
    }
    let file = file_of(&fresh.book, 300);
    assert!(file.is_cut);
    let rows = cells(file.csv);
    assert!((300..450).contains(&rows.len()), "{}", rows.len());
    assert_eq!(rows.last().map(|row| row[2].as_str()), Some("450.00"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn the_changes_of_a_file_add_up_to_what_can_be_spent(steps in proptest::collection::vec((0_u8..6, 1_i64..90, 0_i64..100), 1..25)) {
        let fresh = temp_sqlite();
        let book = &fresh.book;
        meets(book);
        tops_up(book, 1_000, 0);
        gives(book, 200, 1);
        let mut open = Vec::new();
        for ((step, rubles, part), minute) in steps.into_iter().zip(2..) {
            let free = wallet(book);
            match step {
                0 => tops_up(book, rubles, minute),
                1 => gives(book, rubles, minute),
                2 | 3 if free.get() >= rubles * 100 => open.push((places(book, rubles, minute), rubles)),
                4 => if let Some((order, price)) = open.pop() {
                    captures(book, order, (price * part / 100).max(1), minute);
                },
                _ => if let Some((order, _)) = open.pop() {
                    voids(book, order, minute);
                },
            }
        }
        let rows = cells(file_of(book, 10_000).csv);
        let mut after = 0;
        for row in &rows {
            after += minor(&row[1]);
            prop_assert_eq!(minor(&row[2]), after, "{:?}", row);
        }
        prop_assert_eq!(after, wallet(book).get());
    }
}

fn wallet(book: &Book) -> Kopecks {
    let wallet = book.blocking_read(|tx| ledger::balances(tx, ANNA)).expect("readable");
    wallet.spendable()
}
