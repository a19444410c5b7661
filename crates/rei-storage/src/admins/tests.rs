//! The promises of the admins' book, on both engines.

use rei_domain::clock::Timestamp;
use rei_domain::ids::CustomerId;
use rei_domain::money::Kopecks;

use super::*;
use crate::testing::each_engine;
use crate::{Book, BookError, Tx, customers};

const BOSS: CustomerId = CustomerId(1);
const ANNA: CustomerId = CustomerId(42);

fn at(second: i64) -> Timestamp {
    Timestamp(1_790_000_000_000 + second * 1_000)
}

fn write<T: Send + 'static>(
    book: &Book,
    work: impl Fn(&mut Tx<'_>) -> Result<T, BookError> + Send + 'static,
) -> T {
    book.blocking_write(work).expect("the book takes it")
}

fn asking(key: &str) -> NewRequest {
    NewRequest {
        actor: BOSS,
        key: key.to_owned(),
        said: "add 42 100 gift".to_owned(),
        change: "{}".to_owned(),
        reason: "gift".to_owned(),
        expires_at: at(900),
    }
}

#[test]
fn m11_a_message_asks_once() {
    each_engine(|book, _| {
        let numbers = write(book, |tx| {
            Ok([ask(tx, &asking("1:7"), at(0))?, ask(tx, &asking("1:7"), at(1))?])
        });
        assert!(numbers[0].is_some() && numbers[1].is_none());
        let kept = write(book, |tx| request_of_key(tx, "1:7")).expect("it was stored");
        assert_eq!(Some(kept.number), numbers[0]);
        assert_eq!(kept.state, RequestState::Asked);
    });
}

#[test]
fn of_two_words_about_one_request_the_first_counts() {
    each_engine(|book, _| {
        let ended = write(book, |tx| {
            let number = ask(tx, &asking("1:7"), at(0))?.expect("it is new");
            let row = find_request(tx, number)?.expect("it was stored");
            let first = decide(tx, &row, RequestState::Done, BOSS, at(1))?;
            let second = decide(tx, &row, RequestState::Dropped, BOSS, at(2))?;
            keep_undo(tx, number, "{}")?;
            let done = find_request(tx, number)?.expect("it was stored");
            let back = [3, 4].map(|when| decide(tx, &done, RequestState::Undone, BOSS, at(when)));
            let [once, twice] = back;
            Ok((first, second, [once?, twice?]))
        });
        assert_eq!(ended, (true, false, [true, false]));
    });
}

#[test]
fn a_ban_ends_by_itself() {
    each_engine(|book, _| {
        write(book, |tx| {
            let until = Some(at(100));
            ban(
                tx,
                &BanRow {
                    customer: ANNA,
                    reason: "spam".into(),
                    until,
                    banned_by: BOSS,
                    at: at(0),
                },
            )
        });
        let holds = |now| write(book, move |tx| ban_of(tx, ANNA, now)).is_some();
        assert!(holds(at(99)) && !holds(at(100)));
        assert!(write(book, |tx| unban(tx, ANNA)) && !write(book, |tx| unban(tx, ANNA)));
    });
}

#[test]
fn of_the_prices_whose_date_has_come_the_latest_counts() {
    each_engine(|book, _| {
        let new = |price: Option<i64>, from: i64| NewPrice {
            sku: "cat".to_owned(),
            choice: "2K".to_owned(),
            price: price.map(Kopecks::new),
            from_at: at(from),
            set_by: BOSS,
        };
        let planned = write(book, move |tx| {
            add_price(tx, &new(Some(100), 0), at(0))?;
            let planned = add_price(tx, &new(Some(300), 500), at(1))?;
            add_price(tx, &new(Some(200), 2), at(2))?;
            Ok(planned)
        });
        let price = |now: Option<i64>| {
            let used = write(book, move |tx| prices_in_use(tx, now.map(at)));
            assert_eq!(used.len(), 1);
            used[0].price.map(Kopecks::get)
        };
        assert_eq!([price(None), price(Some(499))], [Some(200); 2]);
        assert_eq!(price(Some(500)), Some(300));
        assert!(write(book, move |tx| withdraw_price(tx, planned, at(3))));
        assert_eq!(price(Some(500)), Some(200));
        write(book, move |tx| add_price(tx, &new(None, 600), at(4)));
        assert_eq!(price(Some(600)), None);
    });
}

#[test]
fn people_are_found_by_what_admins_know_of_them() {
    each_engine(|book, _| {
        write(book, |tx| {
            customers::seen(tx, ANNA, "Анна 100%", Some("ru"), at(0))?;
            customers::seen(tx, BOSS, "Boss", Some("en"), at(1))?;
            note_username(tx, ANNA, Some("Anna_K"))
        });
        assert_eq!(write(book, |tx| find_username(tx, "ANNA_k")), Some(ANNA));
        let named = |part: &'static str| -> Vec<i64> {
            let found = write(book, move |tx| people_named(tx, part, (0, 10)));
            found.into_iter().map(|person| person.id.0).collect()
        };
        assert_eq!(named("нна"), [42]);
        assert_eq!(named("bos"), [1]);
        assert_eq!(named("0%"), [42]);
        assert_eq!(named("_"), [42], "letters with a meaning in SQL are letters");
        let all = write(book, |tx| people(tx, "all", (0, 10), at(0), at(2)));
        assert_eq!(all.len(), 2);
        let card = write(book, |tx| card(tx, ANNA)).expect("she wrote");
        assert_eq!((card.orders, card.username.as_deref()), (0, Some("anna_k")));
    });
}

#[test]
fn a_change_is_recorded_once() {
    each_engine(|book, _| {
        let new = NewAction {
            key: "1:7".to_owned(),
            actor: BOSS,
            action: "ban".to_owned(),
            subject: "42".to_owned(),
            detail: "ban 42 spam".to_owned(),
            reason: "spam".to_owned(),
            was: String::new(),
            became: "for ever".to_owned(),
            approved_by: None,
        };
        let again = new.clone();
        let recorded =
            write(book, move |tx| Ok([record(tx, &again, at(0))?, record(tx, &again, at(1))?]));
        assert_eq!(recorded, [true, false]);
        let of = |id| write(book, move |tx| actions(tx, Some(id), 0, 10)).len();
        assert_eq!([of(ANNA), of(BOSS), of(CustomerId(7))], [1, 1, 0]);
        assert_eq!(write(book, |tx| actions(tx, None, 0, 10))[0].action, new);
    });
}
