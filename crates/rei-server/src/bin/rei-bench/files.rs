//! What a file costs in memory while it passes through the product.

use std::time::Duration;

use anyhow::{Context, ensure};
use bytes::Bytes;
use rei_server::settings::UploadMethod;
use rei_sim::kling::{KlingOptions, KlingSim, Latency, StageLatency};
use rei_sim::s3::{S3Options, S3Sim};
use rei_sim::telegram::{TelegramSim, User};
use rei_sim::video::sample_clip;

use crate::product::{Outside, Product};
use crate::{WITHIN, head, row};

/// Just below what Telegram hands over to bots.
const LARGE_CLIP_BYTES: usize = 20_000_000;
/// How long the provider films: long enough for memory to be looked at.
const FILM_MS: u64 = 6_000;
/// Memory is looked at after this much calm.
const SETTLING: Duration = Duration::from_secs(2);

const COLUMNS: [&str; 6] =
    ["upload method", "clip MB", "before MiB", "peak MiB", "after MiB", "growth MiB"];

/// Prints the table.
pub(crate) async fn table(quick: bool) -> anyhow::Result<()> {
    head("files: a clip on its way Telegram -> our storage -> Kling, rei serve", &COLUMNS);
    let methods = [UploadMethod::Multipart, UploadMethod::S3];
    for method in methods.into_iter().take(if quick { 1 } else { 2 }) {
        files(method, quick).await?;
    }
    println!();
    Ok(())
}

/// Two rows: a small clip passes through, and a large one; only that one when it has to be quick.
async fn files(method: UploadMethod, quick: bool) -> anyhow::Result<()> {
    let outside = Outside::start().await?;
    let telegram = &outside.telegram;
    let kling = KlingSim::start(KlingOptions::default()).await?;
    let s3 = S3Sim::start(S3Options::default()).await?;
    let settings = file_settings(method, &kling, &s3)?;
    let product = Product::start(&outside, &["serve"], &outside.sqlite(), &settings)?;
    let person = telegram.user(1, "Bench", "ru");
    person.says("/start")?;
    person.waits_for(0, WITHIN, |message| message.from_bot).await?;

    let small = sample_clip(1280, 720, 5_000);
    let large = padded(&small, LARGE_CLIP_BYTES)?;
    // The first order warms everything up. Results take memory for their covers, whatever the customer sent; so a file is
    // watched until the provider has it, and its result comes only then.
    order_change(telegram, &person, small.clone()).await?;
    person.waits_for(0, WITHIN, |message| message.video.is_some()).await?;
    kling.set_latency(StageLatency {
        submitted: Latency::default(),
        processing: Latency::exactly(FILM_MS),
    });
    for clip in [small, large].into_iter().skip(usize::from(quick)) {
        let megabytes = clip.len() as f64 / 1_000_000.0;
        tokio::time::sleep(SETTLING).await;
        product.forget_peak()?;
        let (before, since) = (product.rss_kib(), telegram.revision());
        let creates = kling.creates_total();
        order_change(telegram, &person, clip).await?;
        while kling.creates_total() == creates {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        tokio::time::sleep(SETTLING).await;
        let (peak, after) = (product.peak_kib(), product.rss_kib());
        person.waits_for(since, WITHIN, |message| message.video.is_some()).await?;
        let mib = |kib: u64| format!("{:.1}", kib as f64 / 1024.0);
        let name = match method {
            UploadMethod::S3 => "s3",
            UploadMethod::Multipart => "multipart",
        };
        let (clip_mb, growth) = (format!("{megabytes:.1}"), mib(peak.saturating_sub(before)));
        row(&COLUMNS, &[name.to_owned(), clip_mb, mib(before), mib(peak), mib(after), growth]);
    }
    ensure!(kling.violations().is_empty(), "Kling was asked wrongly: {:?}", kling.violations());
    Ok(())
}

fn file_settings(
    method: UploadMethod,
    kling: &KlingSim,
    s3: &S3Sim,
) -> anyhow::Result<Vec<(&'static str, String)>> {
    let web = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    let mut settings = vec![
        ("ENABLE_VIDEOS", "1".to_owned()),
        ("KLING_API_KEY", KlingOptions::default().api_key),
        ("KLING_BASE_URL", kling.base_url()),
        ("KLING_POLL_INTERVAL", "1".to_owned()),
        ("HTTP_BIND", web.to_string()),
        ("PUBLIC_BASE_URL", format!("http://{web}")),
    ];
    if method == UploadMethod::S3 {
        let keys = S3Options::default();
        settings.extend([
            ("FILE_UPLOAD_METHOD", "s3".to_owned()),
            ("S3_ENDPOINT", s3.base_url()),
            ("S3_REGION", "us-east-1".to_owned()),
            ("S3_BUCKET", s3.bucket().to_owned()),
            ("S3_ACCESS_KEY", keys.access_key),
            ("S3_SECRET_KEY", keys.secret_key),
            ("S3_PATH_STYLE", "1".to_owned()),
        ]);
    }
    Ok(settings)
}

/// A clip is sent, and its change ordered.
async fn order_change(telegram: &TelegramSim, person: &User, clip: Bytes) -> anyhow::Result<()> {
    let since = telegram.revision();
    person.sends_video(clip, "make it winter")?;
    let offer = person.waits_for(since, WITHIN, |message| !message.labels().is_empty()).await?;
    let label = offer.labels().first().map(|label| (*label).to_owned());
    person.taps(&label.context("the offer has a button")?)?;
    Ok(())
}

/// The clip with an empty box behind it that makes it this long.
fn padded(clip: &Bytes, bytes: usize) -> anyhow::Result<Bytes> {
    let missing = bytes.checked_sub(clip.len()).context("the clip is long enough already")?;
    let mut padded = clip.to_vec();
    padded.extend(u32::try_from(missing)?.to_be_bytes());
    padded.extend(b"free");
    padded.resize(bytes, 0);
    Ok(padded.into())
}
