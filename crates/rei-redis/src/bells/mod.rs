//! Bells: one stream for each, read by one group, so that each ring wakes one of those who listen.
//!
//! The group has a single consumer whose name all processes use, and nothing is acknowledged: a ring is no work, only a
//! reason to look. So no process leaves a consumer or an unread list behind when it dies.

mod ear;
mod ringer;

use rei_domain::shared::{Bells, Ear};

pub(crate) use ringer::Ringers;

use crate::Redis;

/// The group of those who serve a bell.
const GROUP: &str = "servers";
/// The name that all of them use.
const CONSUMER: &str = "any";
/// Rings kept for later ears; a ring only says "look", so more would say nothing new.
const RINGS_MAX: usize = 32;
/// The field of a ring: who rang.
const BY: &str = "by";

impl Bells for Redis {
    fn ring(&self, bell: &str) {
        ringer::ring(&self.shared, bell);
    }

    fn listen(&self, bell: &str) -> Box<dyn Ear> {
        Box::new(ear::RedisEar::new(&self.shared, bell))
    }
}
