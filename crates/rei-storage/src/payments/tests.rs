//! What is promised about payments' rows.

use std::sync::Arc;

use rei_domain::chance::SeededChance;
use rei_domain::ids::NoticeId;

use super::*;
use crate::testing::{EngineKind, fresh_book};
use crate::{Book, customers};

const ANNA: CustomerId = CustomerId(42);
const NOW: Timestamp = Timestamp(1_790_000_000_000);

fn new(amount: i64, seed: u64) -> NewPayment {
    let id = PaymentId::new(NOW, &SeededChance::new(seed));
    NewPayment {
        id,
        customer: ANNA,
        rail: Rail::YooKassa,
        amount: Kopecks::from_rubles(amount),
        units: None,
        quote: None,
        key: id.to_string(),
        is_test: true,
    }
}

fn with(provider_id: &str) -> PaidWith {
    PaidWith { provider_id: provider_id.to_owned(), fee: None, receipt: None }
}

fn stored(book: &Book, new: &NewPayment) {
    let new = new.clone();
    book.blocking_write(move |tx| {
        customers::seen(tx, ANNA, "Anna", None, NOW)?;
        create(tx, &new, NOW)?;
        set_request(tx, new.id, b"{}")
    })
    .expect("stored");
}

#[test]
fn a_payment_is_paid_once_whoever_says_it() {
    for engine in EngineKind::ALL {
        let fresh = fresh_book(engine);
        let new = new(500, 1);
        stored(&fresh.book, &new);
        let book = Arc::new(fresh.book.clone());
        let winners: usize = std::thread::scope(|scope| {
            let asked: Vec<_> = (0..8)
                .map(|_| {
                    let book = Arc::clone(&book);
                    let id = new.id;
                    scope.spawn(move || {
                        book.blocking_write(move |tx| {
                            let row = lock(tx, id)?.expect("it is there");
                            if row.state == PaymentState::Paid {
                                return Ok::<_, BookError>(false);
                            }
                            paid(tx, id, &with("p-1"), NOW)
                        })
                        .expect("the book answers")
                    })
                })
                .collect();
            asked.into_iter().map(|one| usize::from(one.join().expect("it ends"))).sum()
        });
        assert_eq!(winners, 1, "{engine:?}");
    }
}

#[test]
fn one_name_at_the_payment_system_belongs_to_one_payment() {
    for engine in EngineKind::ALL {
        let fresh = fresh_book(engine);
        let (first, second) = (new(500, 1), new(100, 2));
        stored(&fresh.book, &first);
        stored(&fresh.book, &second);
        let named = fresh.book.blocking_write(move |tx| {
            Ok::<_, BookError>([
                name(tx, first.id, "p-1")?,
                name(tx, first.id, "p-2")?,
                name(tx, second.id, "p-1")?,
            ])
        });
        assert_eq!(named.expect("the book answers"), [true, false, false], "{engine:?}");
    }
}

#[test]
fn a_closed_payment_forgets_its_request_and_can_still_be_paid() {
    for engine in EngineKind::ALL {
        let fresh = fresh_book(engine);
        let new = new(500, 1);
        stored(&fresh.book, &new);
        let id = new.id;
        let row = fresh.book.blocking_write(move |tx| {
            assert!(opened(tx, id, Some("p-1"), Some("https://yoomoney.ru/1"), NOW)?);
            assert!(close(tx, id, PaymentState::Cancelled, "expired_on_confirmation", NOW)?);
            assert!(!close(tx, id, PaymentState::Cancelled, "expired_on_confirmation", NOW)?);
            let closed = find(tx, id)?.expect("it is there");
            assert_eq!((closed.request, closed.link), (None, None));
            assert!(paid(tx, id, &with("p-1"), NOW)?);
            assert!(!close(tx, id, PaymentState::Review, "late", NOW)?);
            find(tx, id)
        });
        let row = row.expect("the book answers").expect("it is there");
        assert_eq!((row.state, row.reason), (PaymentState::Paid, None), "{engine:?}");
    }
}

#[test]
fn more_than_came_never_goes_back() {
    for engine in EngineKind::ALL {
        let fresh = fresh_book(engine);
        let new = new(500, 1);
        stored(&fresh.book, &new);
        let id = new.id;
        let went = fresh.book.blocking_write(move |tx| {
            Ok::<_, BookError>([
                add_refunded(tx, id, Kopecks::from_rubles(300))?,
                add_refunded(tx, id, Kopecks::from_rubles(201))?,
                add_refunded(tx, id, Kopecks::from_rubles(200))?,
            ])
        });
        assert_eq!(went.expect("the book answers"), [true, false, true], "{engine:?}");
    }
}

#[test]
fn a_forged_report_does_not_take_the_place_of_the_real_one() {
    for engine in EngineKind::ALL {
        let fresh = fresh_book(engine);
        let report = |verdict, seed| NewNotice {
            id: NoticeId::new(NOW, &SeededChance::new(seed)),
            rail: Rail::YooKassa,
            event: "payment.succeeded".to_owned(),
            object_id: "p-1".to_owned(),
            verdict,
            payment: None,
            raw: b"{}".to_vec(),
            headers: "{}".to_owned(),
            peer: "127.0.0.1".to_owned(),
        };
        let counted = fresh.book.blocking_write(move |tx| {
            let mut counted = Vec::new();
            for (verdict, seed) in
                [("foreign", 1), ("foreign", 2), ("verified", 3), ("verified", 4), ("foreign", 5)]
            {
                counted.push(note_notice(tx, &report(verdict, seed), NOW)?.deliveries);
            }
            Ok::<_, BookError>(counted)
        });
        assert_eq!(counted.expect("the book answers"), [1, 1, 1, 2, 1], "{engine:?}");
    }
}
