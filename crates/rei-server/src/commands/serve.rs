//! `rei serve`, `rei bot`, `rei worker`, `rei web`: runs parts until told to stop.

use std::process::ExitCode;
use std::sync::Arc;

use tokio::signal::unix::{SignalKind, signal};

use crate::observability;
use crate::product::{Product, Roles};
use crate::settings::{Language, Settings};
use crate::system::{SystemChance, SystemClock};
use crate::wiring::{Extras, house, open_book};

pub(super) async fn run(settings: Settings, roles: Roles) -> anyhow::Result<ExitCode> {
    let guard = observability::init(&settings)?;
    for note in settings.notes() {
        tracing::warn!("{}", note.text(Language::English));
    }
    let made = {
        let settings = settings.clone();
        tokio::task::spawn_blocking(move || {
            let book = open_book(&settings)?;
            house(
                &settings,
                book,
                Arc::new(SystemClock),
                Arc::new(SystemChance),
                &Extras::default(),
            )
        })
        .await??
    };
    let metrics = guard.metrics.clone();
    let product = Product::start(settings, made, roles, Arc::new(move || metrics.render())).await?;
    match product.address {
        Some(address) => tracing::info!(%address, ?roles, "started"),
        None => tracing::info!(?roles, "started"),
    }
    wait_for_stop().await?;
    tracing::info!("stopping");
    product.stop().await;
    tracing::info!("stopped");
    Ok(ExitCode::SUCCESS)
}

/// Returns at SIGTERM or Ctrl-C.
pub(super) async fn wait_for_stop() -> anyhow::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        _ = terminate.recv() => {}
        ended = tokio::signal::ctrl_c() => ended?,
    }
    Ok(())
}
