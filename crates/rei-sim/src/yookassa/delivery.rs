//! Carries notifications to the shop, one after the other, and lets time have its effects when nobody calls.

use std::convert::Infallible;
use std::time::Duration;

use bytes::Bytes;
use futures::future::join_all;
use futures::{FutureExt, stream};
use tokio::time::Instant;

use super::notices::{Notice, NoticeSettings};
use super::record::SentNotice;
use super::{Shared, SharedState};

/// Without an answer in this time, by the machine's clock, an attempt has failed.
const ANSWER_WAIT: Duration = Duration::from_secs(10);
/// Of the form that the live service sends; nobody can check it.
const SIGNATURE: &str = "v1 0199c0de-simulated 1 c2ltdWxhdGVkLCBub3QgYSBzaWduYXR1cmU=";

/// Works until the simulator stops.
pub(super) async fn run(state: SharedState) {
    loop {
        while let Some((notice, url, settings)) = next(&state) {
            let is_taken = send(&state, &notice, &url, &settings).await;
            state.with(|world| world.outbox.settle(notice.number, is_taken));
            state.idle.send_modify(|turns| *turns += 1);
        }
        state.idle.send_modify(|turns| *turns += 1);
        tokio::select! {
            () = state.changed.notified() => {}
            () = until_next(&state) => {}
        }
    }
}

/// Waits until nothing is due and nothing is under way.
pub(super) async fn settled(state: &Shared) {
    let mut turns = state.idle.subscribe();
    loop {
        turns.borrow_and_update();
        if is_settled(state) {
            return;
        }
        if turns.changed().await.is_err() {
            return;
        }
    }
}

fn is_settled(state: &Shared) -> bool {
    let now_ms = state.clock.now_ms();
    let next_ms = state.with(|world| {
        world.catch_up(now_ms);
        world.next_ms()
    });
    let is_settled = next_ms.is_none_or(|next_ms| next_ms > now_ms);
    if !is_settled {
        state.changed.notify_one();
    }
    is_settled
}

fn next(state: &Shared) -> Option<(Notice, String, NoticeSettings)> {
    let now_ms = state.clock.now_ms();
    state.with(|world| {
        world.catch_up(now_ms);
        let Some(url) = world.settings.notify_url.clone() else {
            world.outbox.clear();
            return None;
        };
        let notice = world.outbox.take_due(now_ms)?;
        Some((notice, url, world.settings.notices.clone()))
    })
}

/// Waits for the next moment at which something happens by itself.
async fn until_next(state: &Shared) {
    loop {
        let now_ms = state.clock.now_ms();
        let Some(next_ms) = state.with(|world| world.next_ms()) else {
            return std::future::pending().await;
        };
        let left_ms = u64::try_from(next_ms - now_ms).unwrap_or_default();
        let mut sleep = Box::pin(state.clock.sleep(Duration::from_millis(left_ms)));
        // The first look fixes the end of the sleep; it is right only if the clock was not moved in between.
        if sleep.as_mut().now_or_never().is_some() {
            return;
        }
        if state.clock.now_ms() == now_ms {
            return sleep.await;
        }
    }
}

/// Sends all copies at once; true: one of them was taken.
async fn send(state: &Shared, notice: &Notice, url: &str, settings: &NoticeSettings) -> bool {
    let copies = if notice.attempts_made == 1 { notice.copies } else { 1 };
    let attempts = (0..copies).map(|_| attempt(state, notice, url, settings));
    join_all(attempts).await.contains(&true)
}

async fn attempt(state: &Shared, notice: &Notice, url: &str, settings: &NoticeSettings) -> bool {
    let mut request = state.http.post(url).timeout(ANSWER_WAIT);
    request = request.header("content-type", "application/json; charset=utf-8");
    if settings.signature {
        request = request.header("signature", SIGNATURE);
    }
    if let Some(address) = &settings.forwarded_for {
        request = request.header("x-forwarded-for", address);
    }
    request = match settings.chunked {
        false => request.body(notice.body.clone()),
        true => request.body(chunks(&notice.body)),
    };
    let at_ms = state.clock.now_ms();
    let start = Instant::now();
    let status = request.send().await.ok().map(|answer| answer.status().as_u16());
    state.sent.record(SentNotice {
        number: notice.number,
        event: notice.event,
        object_id: notice.object_id.clone(),
        attempt: notice.attempts_made,
        at_ms,
        url: url.to_owned(),
        body: notice.body.clone(),
        status,
        took_ms: u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX),
    });
    status == Some(200)
}

/// Two pieces, so that the length is not known beforehand.
fn chunks(body: &str) -> reqwest::Body {
    let bytes = Bytes::copy_from_slice(body.as_bytes());
    let half = bytes.len() / 2;
    let pieces = [bytes.slice(..half), bytes.slice(half..)];
    reqwest::Body::wrap_stream(stream::iter(pieces.map(Ok::<_, Infallible>)))
}
