//! `rei demo`: the whole product against simulators on loopback, with a page in the browser or a script.
//!
//! The product is the real one; only its base URLs lead to the simulators.

mod faults;
#[cfg(test)]
mod notice_tests;
mod play;
mod props;
mod script;
pub mod site;
mod source;
mod stage;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use rei_sim::gemini::PictureMode;
use rei_sim::video::VideoMode;
use tempfile::TempDir;
use tokio::net::TcpListener;

pub use faults::FAULTS;
use site::{Outside, Site};
use source::StagePanel;
pub use stage::{ADMIN, KLING_PAIR, Stage, StageOptions};

use super::serve::wait_for_stop;
use crate::observability;

/// How long the simulated Gemini takes when somebody watches.
const WATCHED_LATENCY: (Duration, Duration) =
    (Duration::from_millis(2_000), Duration::from_millis(4_000));
/// How long a video takes when somebody watches: long enough to see it come.
const WATCHED_VIDEO_LATENCY: (Duration, Duration) =
    (Duration::from_millis(5_000), Duration::from_millis(9_000));
/// How long Gemini takes in a script.
const SCRIPT_LATENCY: (Duration, Duration) =
    (Duration::from_millis(100), Duration::from_millis(300));
/// How long a video takes in a script: its progress has to be seen.
const SCRIPT_VIDEO_LATENCY: (Duration, Duration) =
    (Duration::from_millis(1_000), Duration::from_millis(1_500));
/// Nobody waits minutes for a toy.
const WATCHED_SETTINGS: &[(&str, &str)] = &[("KLING_POLL_INTERVAL", "2")];
/// The simulated Telegram takes as many messages as come.
const SCRIPT_SETTINGS: &[(&str, &str)] = &[("KLING_POLL_INTERVAL", "1"), ("TELEGRAM_PACING", "0")];

/// The command's words.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Plays this script instead of opening a page, prints the transcript, exits with 1 when an expectation isn't met.
    #[arg(long, value_name = "FILE")]
    script: Option<PathBuf>,
    /// Keeps the demo's book and files here instead of in a temporary folder.
    #[arg(long, value_name = "FOLDER")]
    data: Option<PathBuf>,
    /// The page's port on loopback; 0 takes any free one.
    #[arg(long, default_value_t = 8099)]
    port: u16,
}

/// Runs the demo until it is over or stopped.
pub(super) async fn run(args: Args) -> anyhow::Result<ExitCode> {
    let script = match &args.script {
        Some(path) => {
            let text = std::fs::read_to_string(path)
                .with_context(|| format!("the script {} can't be read", path.display()))?;
            Some(script::parse(&text).with_context(|| path.display().to_string())?)
        }
        None => None,
    };
    let temporary = TempDir::new()?;
    let folder = args.data.clone().unwrap_or_else(|| temporary.path().to_owned());
    let mut options = options(folder, script.is_some());
    // The page is where a payer comes back to, so its address must be known before anything starts.
    let page = match &script {
        Some(script) => {
            options.settings.extend(script.settings.iter().cloned());
            None
        }
        None => {
            let (listener, address) = listen(args.port).await?;
            let back = format!("http://{address}/{}", site::RETURN_PAGE);
            options.settings.push(("YOOKASSA_RETURN_URL".to_owned(), back));
            Some(listener)
        }
    };
    let stage = Stage::start(options).await?;
    let guard = observability::init(stage.settings())?;
    let ended = match (script, page) {
        (Some(script), _) => {
            let base = args
                .script
                .as_ref()
                .and_then(|path| path.parent())
                .map(PathBuf::from)
                .unwrap_or_default();
            play::play(&stage, &script.lines, &base).await
        }
        (None, None) => Ok(()),
        (None, Some(listener)) => {
            let stage = Arc::new(stage);
            show(&stage, listener).await?;
            Arc::into_inner(stage).context("the page still holds the stage")?.stop().await;
            drop(guard);
            return Ok(ExitCode::SUCCESS);
        }
    };
    stage.stop().await;
    drop(guard);
    match ended {
        Ok(()) => Ok(ExitCode::SUCCESS),
        Err(error) => {
            eprintln!("{error:#}");
            Ok(ExitCode::FAILURE)
        }
    }
}

/// A page is watched; a script is read, so nobody sees its videos play and its chat needs no pauses.
fn options(folder: PathBuf, is_script: bool) -> StageOptions {
    let (latency, video_latency, video, settings) = match is_script {
        true => (SCRIPT_LATENCY, SCRIPT_VIDEO_LATENCY, VideoMode::Cached, SCRIPT_SETTINGS),
        false => (WATCHED_LATENCY, WATCHED_VIDEO_LATENCY, VideoMode::Drawn, WATCHED_SETTINGS),
    };
    let settings = settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    StageOptions {
        latency,
        picture: PictureMode::Drawn,
        video_latency,
        video,
        settings: settings.collect(),
        ..StageOptions::in_folder(folder)
    }
}

async fn listen(port: u16) -> anyhow::Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind(("127.0.0.1", port))
        .await
        .with_context(|| format!("port {port} is taken; choose another one with --port"))?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}

async fn show(stage: &Arc<Stage>, listener: TcpListener) -> anyhow::Result<()> {
    let address = listener.local_addr()?;
    let source = Arc::new(StagePanel(Arc::clone(stage)));
    let outside = Outside {
        telegram: stage.telegram.clone(),
        gemini: stage.gemini.clone(),
        kling: stage.kling.clone(),
        yookassa: stage.yookassa.clone(),
    };
    let site = Site::new(outside, source);
    println!("The demo is open at http://{address}/ (Ctrl-C ends it)");
    site.serve(listener, async {
        if let Err(error) = wait_for_stop().await {
            tracing::error!(%error, "no signals can be waited for");
        }
    })
    .await
}
