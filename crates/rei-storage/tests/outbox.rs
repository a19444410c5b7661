//! What becomes of messages whose sender died.

use std::time::Duration;

use rei_domain::clock::Timestamp;
use rei_domain::ids::ChatId;
use rei_storage::BookError;
use rei_storage::outbox::{self, NewOutbox, OutboxClass};
use rei_storage::testing::each_engine;

const NOW: Timestamp = Timestamp(1_790_000_000_000);

#[test]
fn results_and_answers_of_a_dead_sender_are_sent_again_and_nothing_else() {
    const CLASSES: [OutboxClass; 4] =
        [OutboxClass::Press, OutboxClass::Answer, OutboxClass::Result, OutboxClass::Notice];
    each_engine(|book, engine| {
        let (lease_until, later) =
            (NOW.plus(Duration::from_secs(20)), NOW.plus(Duration::from_secs(21)));
        let again: Vec<OutboxClass> = book
            .blocking_write(move |tx| {
                for (chat, class) in (1..).zip(CLASSES) {
                    let payload = "{}".to_owned();
                    let new = NewOutbox {
                        chat: ChatId(chat),
                        class,
                        payload,
                        slot: None,
                        delivery: None,
                    };
                    outbox::put(tx, &new, false, NOW)?;
                }
                assert_eq!(outbox::claim(tx, NOW, lease_until, 10)?.len(), CLASSES.len());
                assert_eq!(outbox::recover(tx, NOW)?, 0, "the sender still has its lease");
                outbox::recover(tx, later)?;
                let rows = outbox::claim(tx, later, later.plus(Duration::from_secs(20)), 10)?;
                Ok::<_, BookError>(rows.into_iter().map(|row| row.class).collect())
            })
            .expect("the book works");
        assert_eq!(again, [OutboxClass::Answer, OutboxClass::Result], "{engine:?}");
    });
}

#[test]
fn the_word_of_a_sender_that_lost_its_row_counts_no_more() {
    each_engine(|book, engine| {
        let lease = Duration::from_secs(20);
        let later = NOW.plus(lease).plus(Duration::from_secs(1));
        let ended: Vec<bool> = book
            .blocking_write(move |tx| {
                let new = NewOutbox {
                    chat: ChatId(1),
                    class: OutboxClass::Result,
                    payload: "{}".to_owned(),
                    slot: None,
                    delivery: None,
                };
                outbox::put(tx, &new, false, NOW)?;
                let frozen = outbox::claim(tx, NOW, NOW.plus(lease), 1)?.remove(0);
                outbox::recover(tx, later)?;
                let valid = outbox::claim(tx, later, later.plus(lease), 1)?.remove(0);
                assert_eq!((frozen.ord, frozen.attempts + 1), (valid.ord, valid.attempts));
                outbox::again(tx, &frozen, later, "late", false)?;
                outbox::dropped(tx, &frozen, "late")?;
                let renewed = outbox::renew(tx, frozen.ord, frozen.attempts, later.plus(lease))?;
                Ok::<_, BookError>(vec![
                    renewed,
                    outbox::sent(tx, &frozen, None)?,
                    outbox::renew(tx, valid.ord, valid.attempts, later.plus(lease))?,
                    outbox::sent(tx, &valid, None)?,
                ])
            })
            .expect("the book works");
        assert_eq!(ended, [false, false, true, true], "{engine:?}");
    });
}

#[test]
fn the_next_row_of_a_chat_is_taken_in_its_order_and_never_past_one_under_way() {
    each_engine(|book, engine| {
        let until = NOW.plus(Duration::from_secs(20));
        let taken = book.blocking_write(move |tx| {
            let anna = ChatId(1);
            for (chat, class) in [
                (anna, OutboxClass::Answer),
                (anna, OutboxClass::Press),
                (ChatId(2), OutboxClass::Answer),
                (anna, OutboxClass::Result),
                (anna, OutboxClass::Notice),
            ] {
                let payload = "{}".to_owned();
                let new = NewOutbox { chat, class, payload, slot: None, delivery: None };
                outbox::put(tx, &new, false, NOW)?;
            }
            let next = |tx: &mut rei_storage::Tx<'_>, now| {
                let row = outbox::claim_next_of_chat(tx, anna, now, until)?;
                Ok::<_, BookError>(row)
            };
            let first = next(tx, NOW)?.expect("the answer is first");
            let past_it = next(tx, NOW)?.is_some();
            outbox::sent(tx, &first, None)?;
            let second = next(tx, NOW)?.expect("then the result");
            outbox::again(tx, &second, until, "later", false)?;
            let early = next(tx, NOW)?.is_some();
            let third = next(tx, until)?.expect("the result is still before the notice");
            Ok::<_, BookError>((first.class, past_it, second.class, early, third.ord == second.ord))
        });
        let wanted = (OutboxClass::Answer, false, OutboxClass::Result, false, true);
        assert_eq!(taken.expect("the book works"), wanted, "{engine:?}");
    });
}
