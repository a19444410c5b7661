//! Everything that the `rei` binary puts together: settings, logs, commands, the wiring of the parts.

pub mod observability;
pub mod settings;
