//! Limits of a process that cannot ask the others.

use rei_domain::shared::Limits;

/// Knows how many there are, and nothing else.
pub(super) struct Lonely {
    pub(super) processes: u32,
}

impl Limits for Lonely {
    fn processes(&self) -> u32 {
        self.processes
    }
}
