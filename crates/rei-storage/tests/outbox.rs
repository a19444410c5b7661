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
