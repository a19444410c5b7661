//! What runs inside Redis, where nobody comes in between.

use std::sync::LazyLock;
use std::time::Duration;

use redis::Script;

/// A process that showed no sign for so long is dead: it counts no more, and its places are free.
pub(crate) const ALIVE_FOR: Duration = Duration::from_secs(10);

/// Takes a place.
pub(crate) static PLACE: LazyLock<Script> =
    LazyLock::new(|| Script::new(include_str!("../scripts/place.lua")));
/// Takes from buckets.
pub(crate) static ADMIT: LazyLock<Script> =
    LazyLock::new(|| Script::new(include_str!("../scripts/admit.lua")));
/// Silences a bucket.
pub(crate) static SILENCE: LazyLock<Script> =
    LazyLock::new(|| Script::new(include_str!("../scripts/silence.lua")));
/// Opens a circuit.
pub(crate) static OPEN: LazyLock<Script> =
    LazyLock::new(|| Script::new(include_str!("../scripts/open.lua")));
/// Closes a circuit.
pub(crate) static CLOSE: LazyLock<Script> =
    LazyLock::new(|| Script::new(include_str!("../scripts/close.lua")));
/// Chooses who tries a circuit.
pub(crate) static TRIAL: LazyLock<Script> =
    LazyLock::new(|| Script::new(include_str!("../scripts/trial.lua")));
/// Shows that a process lives, and tells who else does and what is open.
pub(crate) static BEAT: LazyLock<Script> =
    LazyLock::new(|| Script::new(include_str!("../scripts/beat.lua")));
