//! Everything that the `rei` binary puts together: settings, logs, commands, the wiring of the parts.

pub mod commands;
pub mod observability;
pub mod product;
pub mod settings;
pub mod system;
pub mod wiring;
