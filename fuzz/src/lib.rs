//! What strangers send, tried with anything: each target takes bytes and panics when a promise is broken.
//!
//! The same targets run two ways. `cargo xtask test` plays the kept inputs and a fixed number of changed ones
//! ([`play`]), the same on every machine; `cargo xtask fuzz` hands them to libFuzzer, which follows coverage for as long
//! as it is let. What a target found is mended, and its input is kept in `corpus/`.

mod callback;
mod catalog;
mod chat;
mod inputs;
mod ledger;
mod money;
mod notification;
mod play;
mod provider_reply;
mod update;

pub use callback::callback;
pub use catalog::catalog;
pub use inputs::Inputs;
pub use ledger::ledger;
pub use money::money;
pub use notification::notification;
pub use play::{Played, play};
pub use provider_reply::provider_reply;
pub use update::update;

/// Something that takes what strangers send.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Its name: of the binary, and of its folder in `corpus/`.
    pub name: &'static str,
    /// Takes one input, and panics when it breaks a promise.
    pub run: fn(&[u8]),
    /// How many changed inputs the tests play; together they take some seconds.
    pub runs: u32,
    /// What changed inputs are made of besides the kept ones.
    pub words: &'static [&'static str],
}

/// Another input made of this one, for libFuzzer, which keeps what leads to new branches; `None` leaves every other
/// change to libFuzzer itself.
pub fn changed(target: &str, input: &[u8], bytes_max: usize, seed: u32) -> Option<Vec<u8>> {
    let target = TARGETS.iter().find(|it| it.name == target).filter(|_| seed.is_multiple_of(2))?;
    let kept = [input.to_vec()];
    let mut changed = Inputs::new(seed.into(), &kept, target.words).changed(input.to_vec());
    changed.truncate(bytes_max);
    Some(changed)
}

/// Every target.
pub const TARGETS: [Target; 7] = [
    Target { name: "update", run: update, runs: 20_000, words: update::WORDS },
    Target { name: "notification", run: notification, runs: 50_000, words: notification::WORDS },
    Target { name: "callback", run: callback, runs: 50_000, words: callback::WORDS },
    Target { name: "catalog", run: catalog, runs: 50_000, words: catalog::WORDS },
    Target {
        name: "provider_reply",
        run: provider_reply,
        runs: 100_000,
        words: provider_reply::WORDS,
    },
    Target { name: "money", run: money, runs: 200_000, words: money::WORDS },
    Target { name: "ledger", run: ledger, runs: 4_000, words: &[] },
];
