//! A customer's statement, page by page along the chain of the accounts.

use super::*;
use crate::ledger::{StatementPage, statement, void_order};
use crate::testing::each_engine;

fn pages(book: &Book, customer: CustomerId, limit: usize) -> Vec<Vec<String>> {
    let mut pages = Vec::new();
    let mut next: Option<StatementPage> = None;
    loop {
        let found = read(book, move |tx| Ok(statement(tx, customer, next, limit)?));
        if !found.transfers.is_empty() {
            pages.push(found.transfers.iter().map(|row| row.key.clone()).collect());
        }
        match found.next {
            Some(page) => next = Some(page),
            None => return pages,
        }
    }
}

#[test]
fn a_statement_shows_both_pockets_in_the_order_of_time() {
    each_engine(|book, _| {
        let boris = CustomerId(8);
        open_with(book, ANNA, 5_000, 3_000);
        open_with(book, boris, 100, 0);
        let _ = hold_price(book, ANNA, order(1), 6_000).expect("enough money");
        posting(book, income(boris, Pocket::Cash, 100, "boris-2")).expect("money comes in");
        write(book, |tx| void_order(tx, order(1), Actor::System, at(9))).expect("an open hold");
        posting(book, income(ANNA, Pocket::Cash, 100, "anna-2")).expect("money comes in");
        let id = order(1);
        let expected = [
            "anna-2:0".to_owned(),
            format!("{id}:void:1"),
            format!("{id}:void:0"),
            format!("{id}:hold:1"),
            format!("{id}:hold:0"),
            "start:7:bonus:0".to_owned(),
            "start:7:cash:0".to_owned(),
        ];
        for limit in [1, 2, 3, 7, 50] {
            assert_eq!(pages(book, ANNA, limit).concat(), expected, "pages of {limit}");
        }
        assert_eq!(pages(book, CustomerId(9), 5), Vec::<Vec<String>>::new());
    });
}

#[test]
fn a_page_of_one_customer_shows_nothing_to_another() {
    each_engine(|book, _| {
        open_with(book, ANNA, 5_000, 3_000);
        let page = read(book, |tx| Ok(statement(tx, ANNA, None, 1)?)).next;
        assert!(page.is_some());
        let stolen = read(book, move |tx| Ok(statement(tx, CustomerId(8), page, 10)?));
        assert_eq!(stolen.transfers, []);
    });
}
