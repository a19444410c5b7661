//! `rei migrate`: brings the database up to date.

use std::process::ExitCode;

use crate::settings::Settings;
use crate::wiring::open_book;

pub(super) fn run(settings: &Settings) -> anyhow::Result<ExitCode> {
    open_book(settings)?;
    println!("the database is up to date");
    Ok(ExitCode::SUCCESS)
}
