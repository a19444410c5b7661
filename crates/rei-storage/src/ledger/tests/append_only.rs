//! The database refuses to change the past, and an audit finds it when somebody did all the same.

use rei_domain::ledger::{Finding, Findings};

use super::*;
use crate::ledger::{audit_tail, capture_order, checkpoint, seal, settle};
use crate::testing::each_engine;

/// A book with a top-up, a captured hold and an open one, all of it sealed and checkpointed.
fn sealed_book(book: &Book) {
    open_with(book, ANNA, 10_000, 1_000);
    let _ = hold_price(book, ANNA, order(1), 4_000).expect("enough money");
    write(book, |tx| capture_order(tx, order(1), kopecks(3_000), Actor::System, at(9)))
        .expect("an open hold");
    let _ = hold_price(book, ANNA, order(2), 500).expect("enough money");
    write(book, |tx| Ok(settle(tx)?)).expect("settled");
    write(book, |tx| Ok(checkpoint(tx)?)).expect("checkpointed");
    write(book, |tx| Ok(seal(tx, at(60))?)).expect("sealed").expect("something to seal");
    assert_sound(book);
}

/// Does what the product never does.
fn by_hand(book: &Book, sql: &str) -> Result<(), String> {
    let sql = sql.to_owned();
    let done = write(book, move |tx| Ok(tx.execute_text(&sql)?));
    done.map_err(|error| format!("{error:?}"))
}

/// What a person with the database's password could do.
fn tamper(book: &Book, sql: &str) {
    for trigger in ["transfer_refuses_update", "transfer_refuses_delete"] {
        let sqlite = by_hand(book, &format!("drop trigger {trigger}"));
        let postgres = || by_hand(book, &format!("drop trigger {trigger} on transfer"));
        sqlite.or_else(|_| postgres()).expect("the trigger goes");
    }
    by_hand(book, sql).expect("the change goes through");
}

fn found(book: &Book) -> Findings {
    audited(book).findings
}

#[test]
fn transfers_and_seals_refuse_update_and_delete() {
    each_engine(|book, _| {
        sealed_book(book);
        for sql in [
            "update transfer set amount = amount + 1",
            "update transfer set memo = 'harmless'",
            "delete from transfer",
            "update ledger_seal set transfers = 0",
            "delete from ledger_seal",
        ] {
            let said = by_hand(book, sql).expect_err(sql);
            assert!(
                said.contains("is never changed") || said.contains("is never deleted"),
                "{said}"
            );
        }
        by_hand(book, "truncate transfer cascade").expect_err("truncate");
        assert_sound(book);
    });
}

#[test]
fn a_changed_amount_is_found_by_hash_balance_and_seal() {
    each_engine(|book, _| {
        sealed_book(book);
        tamper(book, "update transfer set amount = amount + 1 where kind = 'topup'");
        let kept = found(book).kept;
        assert!(kept.iter().any(|finding| matches!(finding, Finding::BalanceDiffers { .. })));
        assert!(
            kept.iter().any(|finding| matches!(finding, Finding::SealDiffers { number: 1, .. }))
        );
        assert!(kept.iter().any(|finding| matches!(finding, Finding::CheckpointDiffers { .. })));
    });
}

#[test]
fn a_changed_word_is_found_by_its_seal_alone() {
    each_engine(|book, _| {
        sealed_book(book);
        tamper(book, "update transfer set memo = 'a present' where kind = 'topup'");
        let kept = found(book).kept;
        assert_eq!(kept, [Finding::SealDiffers { number: 1, from_seq: 1, upto_seq: 7 }]);
    });
}

#[test]
fn a_removed_transfer_breaks_the_chain_of_its_account() {
    each_engine(|book, _| {
        open_with(book, ANNA, 10_000, 0);
        posting(book, income(ANNA, Pocket::Cash, 500, "second")).expect("money comes in");
        posting(book, income(ANNA, Pocket::Cash, 500, "third")).expect("money comes in");
        tamper(book, "delete from transfer where key = 'second:0'");
        let kept = found(book).kept;
        assert!(kept.iter().any(|finding| matches!(finding, Finding::ChainBroken { .. })));
        assert!(kept.iter().any(|finding| matches!(finding, Finding::BalanceDiffers { .. })));
    });
}

#[test]
fn a_balance_written_by_hand_is_found_and_puts_the_book_out_of_balance() {
    each_engine(|book, _| {
        sealed_book(book);
        by_hand(book, "update account set free = free + 100 where class = 'cash'")
            .expect("rows of accounts may change");
        let kept = found(book).kept;
        assert!(kept.contains(&Finding::OutOfBalance { currency: "RUB", difference: -100 }));
        assert!(kept.iter().any(|finding| matches!(finding, Finding::BalanceDiffers { .. })));
    });
}

#[test]
fn a_lost_or_invented_open_hold_is_found() {
    each_engine(|book, _| {
        sealed_book(book);
        by_hand(book, "update open_hold set amount = amount + 1").expect("a change");
        assert!(matches!(found(book).kept.as_slice(), [Finding::OpenHoldDiffers { .. }]));
        by_hand(book, "delete from open_hold").expect("a loss");
        assert!(matches!(found(book).kept.as_slice(), [Finding::OpenHoldMissing { .. }]));
    });
}

#[test]
fn the_tail_alone_shows_what_happened_since_the_checkpoint() {
    each_engine(|book, _| {
        sealed_book(book);
        let tail = |book: &Book| read(book, |tx| Ok(audit_tail(tx)?));
        assert_eq!((tail(book).transfers, tail(book).is_sound()), (0, true));
        write(book, |tx| capture_order(tx, order(2), kopecks(200), Actor::System, at(70)))
            .expect("an open hold");
        posting(book, income(ANNA, Pocket::Cash, 700, "late")).expect("money comes in");
        let report = tail(book);
        assert_eq!(report.findings.kept, []);
        assert_eq!(report.transfers, 2);
        tamper(book, "update transfer set amount = amount + 1 where key = 'late:0'");
        let kept = tail(book).findings.kept;
        assert!(
            kept.iter().any(|finding| matches!(finding, Finding::ForeignHash { .. })),
            "{kept:?}"
        );
        assert!(kept.iter().any(|finding| matches!(finding, Finding::BalanceDiffers { .. })));
    });
}
