//! Bells are heard in their process, or else in one other.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Waker};

use rei_storage::testing::{Belfry, TestBook, temp_sqlite};
use rei_storage::{Bell, Book, BookError, Listener};

/// Whether it has been rung since it was asked last.
pub(super) fn is_rung(listener: &mut Listener) -> bool {
    pin!(listener.rung()).poll(&mut Context::from_waker(Waker::noop())).is_ready()
}

/// Three processes on one book that share their bells.
fn three() -> (TestBook, [Book; 3]) {
    let (files, belfry) = (temp_sqlite(), Arc::new(Belfry::default()));
    let books = [files.book.clone(), files.another_process(), files.another_process()];
    for book in &books {
        book.share_bells(belfry.clone());
    }
    (files, books)
}

/// Rings, and rings another bell of this process after it, so that the first has certainly reached everybody.
fn ring(book: &Book, bell: &Bell) {
    let mut after = book.listen(Bell::jobs("after"));
    for bell in [bell.clone(), Bell::jobs("after")] {
        book.blocking_write(move |tx| {
            tx.ring(bell.clone());
            Ok::<_, BookError>(())
        })
        .expect("it commits");
    }
    while !is_rung(&mut after) {
        std::thread::yield_now();
    }
}

#[test]
fn a_ring_that_nobody_waits_for_at_home_is_heard_by_one_other_process() {
    let (_files, [bot, one, two]) = three();
    let bell = Bell::jobs("pictures");
    let mut listeners = [one.listen(bell.clone()), two.listen(bell.clone())];
    ring(&bot, &bell);
    assert_eq!(listeners.iter_mut().map(is_rung).filter(|rung| *rung).count(), 1);
    assert!(!listeners.iter_mut().any(is_rung), "hearing rings nothing");
}

#[test]
fn a_queue_is_not_woken_for_another() {
    let (_files, [one, two, _]) = three();
    let mut listeners = [one.listen(Bell::jobs("videos")), two.listen(Bell::jobs("videos"))];
    ring(&one, &Bell::jobs("pictures"));
    assert!(!listeners.iter_mut().any(is_rung));
}

#[tokio::test]
async fn whoever_waits_at_home_hears_it_first_and_alone() {
    let (_files, [one, two, _]) = three();
    let (mut here, mut there) = (one.listen(Bell::Outbox), two.listen(Bell::Outbox));
    let waiting = tokio::spawn(async move { here.rung().await });
    tokio::task::yield_now().await;
    let rung = one.write(|tx| {
        tx.ring(Bell::Outbox);
        Ok::<_, BookError>(())
    });
    rung.await.expect("it commits");
    waiting.await.expect("it hears");
    assert!(!is_rung(&mut there));
}

#[test]
fn a_ring_that_came_when_its_listener_had_stopped_waiting_is_passed_on() {
    let (_files, [one, two, _]) = three();
    let (here, mut there) = (one.listen(Bell::Inbox), two.listen(Bell::Inbox));
    ring(&one, &Bell::Inbox);
    assert!(is_rung(&mut there), "nobody was waiting at home");
    drop(here);
    assert!(is_rung(&mut there));
}
