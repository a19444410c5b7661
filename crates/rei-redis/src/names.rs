//! The names of all keys. Each begins with the house, so that two bots can share one Redis.

use rei_domain::chance::Chance;

#[derive(Debug)]
pub(crate) struct Names {
    prefix: String,
    process: String,
}

impl Names {
    pub(crate) fn new(namespace: &str, chance: &dyn Chance) -> Self {
        let mut bytes = [0; 8];
        chance.fill(&mut bytes);
        let process = format!("{:016x}", u64::from_le_bytes(bytes));
        Self { prefix: format!("rei:{namespace}"), process }
    }

    /// This process among all; no other has it.
    pub(crate) fn process(&self) -> &str {
        &self.process
    }

    /// The stream of a bell.
    pub(crate) fn bell(&self, bell: &str) -> String {
        format!("{}:bell:{bell}", self.prefix)
    }

    /// The leases of places.
    pub(crate) fn places(&self, name: &str) -> String {
        format!("{}:places:{name}", self.prefix)
    }

    /// When a bucket will be full again.
    pub(crate) fn bucket(&self, name: &str) -> String {
        format!("{}:bucket:{name}", self.prefix)
    }

    /// There for as long as nothing is taken from a bucket.
    pub(crate) fn silence(&self, bucket: &str) -> String {
        format!("{}:silence:{bucket}", self.prefix)
    }

    /// Open circuits with the end of their rest.
    pub(crate) fn circuits(&self) -> String {
        format!("{}:circuits", self.prefix)
    }

    /// Whoever tries a circuit.
    pub(crate) fn trial(&self, circuit: &str) -> String {
        format!("{}:trial:{circuit}", self.prefix)
    }

    /// The processes with their last heartbeat.
    pub(crate) fn processes(&self) -> String {
        format!("{}:processes", self.prefix)
    }
}
