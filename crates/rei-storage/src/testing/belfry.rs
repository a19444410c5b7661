//! Shared bells of processes that all live in one test.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use rei_domain::shared::{Bells, Ear, Later};
use tokio::sync::Notify;

/// The bells that the books of one test share.
#[derive(Default)]
pub struct Belfry(Mutex<BTreeMap<String, Arc<Notify>>>);

impl Belfry {
    fn bell(&self, name: &str) -> Arc<Notify> {
        let mut bells = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(bells.entry(name.to_owned()).or_default())
    }
}

impl Bells for Belfry {
    fn ring(&self, bell: &str) {
        self.bell(bell).notify_one();
    }

    fn listen(&self, bell: &str) -> Box<dyn Ear> {
        Box::new(Rope(self.bell(bell)))
    }
}

struct Rope(Arc<Notify>);

impl Ear for Rope {
    fn rung(&mut self) -> Later<'_, ()> {
        Box::pin(self.0.notified())
    }
}
