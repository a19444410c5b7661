//! `rei serve`, `rei bot`, `rei worker`, `rei web`: runs parts until told to stop.

use std::process::ExitCode;
use std::sync::Arc;

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::observability;
use crate::product::{Product, Roles};
use crate::settings::{Language, Settings};
use crate::system::{SystemChance, SystemClock};
use crate::wiring::{Extras, house, open_book, shared};

pub(super) async fn run(settings: Settings, roles: Roles) -> anyhow::Result<ExitCode> {
    // From here on a stop is heard, however early it comes.
    let mut stop = Stop::listen()?;
    let guard = observability::init(&settings)?;
    for note in settings.notes() {
        tracing::warn!("{}", note.text(Language::English));
    }
    let redis = shared(&settings).await?;
    let made = {
        let settings = settings.clone();
        let extras = Extras { redis: redis.clone(), ..Extras::default() };
        tokio::task::spawn_blocking(move || {
            let book = open_book(&settings)?;
            house(&settings, book, Arc::new(SystemClock), Arc::new(SystemChance), &extras)
        })
        .await??
    };
    let metrics = guard.metrics.clone();
    let product = Product::start(settings, made, roles, Arc::new(move || metrics.render())).await?;
    match product.address {
        Some(address) => tracing::info!(%address, ?roles, "started"),
        None => tracing::info!(?roles, "started"),
    }
    stop.heard().await;
    tracing::info!("stopping");
    product.stop().await;
    if let Some(redis) = redis {
        redis.leave().await;
    }
    tracing::info!("stopped");
    Ok(ExitCode::SUCCESS)
}

/// Returns at SIGTERM or Ctrl-C.
pub(super) async fn wait_for_stop() -> anyhow::Result<()> {
    Stop::listen()?.heard().await;
    Ok(())
}

/// SIGTERM and Ctrl-C, from the moment that it is made.
struct Stop {
    terminate: Signal,
    interrupt: Signal,
}

impl Stop {
    fn listen() -> anyhow::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    async fn heard(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
