//! Limits of a process that cannot ask the others.

use std::time::Duration;

use rei_domain::shared::{Bucket, Known, Later, Limits, Place};

/// Knows how many there are, and nothing else.
pub(super) struct Lonely {
    pub(super) processes: u32,
}

impl Limits for Lonely {
    fn place<'a>(&'a self, _: &'a str, _: u32, _: Duration) -> Later<'a, Known<Option<Place>>> {
        Box::pin(std::future::ready(Known::No))
    }

    fn admit<'a>(&'a self, _: &'a [Bucket]) -> Later<'a, Known<Result<(), Duration>>> {
        Box::pin(std::future::ready(Known::No))
    }

    fn silence(&self, _: &str, _: Duration) {}

    fn open_for(&self, _: &str) -> Option<Duration> {
        None
    }

    fn open(&self, _: &str, _: Duration) {}

    fn close(&self, _: &str) {}

    fn trial<'a>(&'a self, _: &'a str, _: Duration) -> Later<'a, Known<bool>> {
        Box::pin(std::future::ready(Known::No))
    }

    fn processes(&self) -> u32 {
        self.processes
    }
}
