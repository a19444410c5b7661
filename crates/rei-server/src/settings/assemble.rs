//! Puts the settings together, section by section, and checks what concerns several variables at once.
//!
//! Every variable is read and judged even when its section is off: a typing error there is still one.

use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;
use url::Url;

use super::model::*;
use super::problems::{Fault, Problems};
use super::reader::Reader;
use super::{parse, payments};

/// The ports to which Telegram's own server sends updates.
const WEBHOOK_PORTS: [u16; 4] = [443, 80, 88, 8443];

/// Telegram's own server; one that the owner runs calls any port.
const TELEGRAM_HOST: &str = "https://api.telegram.org";

/// Reads everything.
///
/// # Errors
/// All that is wrong, at once.
pub fn assemble(mut reader: Reader) -> Result<Settings, Problems> {
    let read = &mut reader;
    let telegram = telegram(read);
    let admins = read.optional("ADMIN_IDS", parse::ids).unwrap_or_default();
    let web = web(read, &telegram);
    let images = images(read);
    let videos = videos(read);
    let money = payments::read(read);
    let database = read.or_default("DATABASE_URL", parse::database);
    let database_connections = count(read, "DATABASE_CONNECTIONS", 64);
    let redis_url = read.optional("REDIS_URL", parse::redis);
    let files = files(read);
    let catalog_path = read.optional("CATALOG_PATH", |text| Ok(text.into()));
    let outbound_proxy = read.optional("OUTBOUND_PROXY", parse::proxy);
    let worker_concurrency = count(read, "WORKER_CONCURRENCY", 256);
    let queues = queues(read);
    let retry = retry(read);
    let log = log(read);
    let mut settings = Settings {
        admins,
        telegram,
        web,
        images,
        videos,
        payments: money.payments,
        stars: money.stars,
        stars_only: money.stars_only,
        top_ups: money.top_ups,
        wallet: money.wallet,
        house_rules: money.house_rules,
        database,
        database_connections,
        redis_url,
        files,
        catalog_path,
        outbound_proxy,
        worker_concurrency,
        queues,
        retry,
        log,
        notes: Vec::new(),
        rows: Vec::new(),
    };
    (settings.rows, settings.notes) = reader.finish()?;
    let notes = payments::notes(settings.payments.as_ref(), &settings.web);
    settings.notes.extend(notes);
    Ok(settings)
}

fn telegram(read: &mut Reader) -> Telegram {
    let token: SecretString = read.required("BOT_TOKEN", Fault::Missing, parse::bot_token);
    let base_url = read.or_default("TELEGRAM_BASE_URL", parse::base_url);
    let modes = [("polling", TelegramMode::Polling), ("webhook", TelegramMode::Webhook)];
    let mode = read.or_default("TELEGRAM_MODE", |text| parse::choice(text, &modes));
    let secret = read.optional("TELEGRAM_WEBHOOK_SECRET", parse::webhook_secret);
    let webhook_secret = secret.unwrap_or_else(|| derived_webhook_secret(&token));
    let pacing = read.switch("TELEGRAM_PACING");
    Telegram { token, base_url, mode, webhook_secret, pacing }
}

/// A secret that only who knows the token can make: 64 hex digits, the same on every machine and after every restart.
fn derived_webhook_secret(token: &SecretString) -> SecretString {
    let mut mac = Hmac::<Sha256>::new_from_slice(token.expose_secret().as_bytes())
        .expect("HMAC takes a key of any length");
    mac.update(b"rei-bot/telegram/webhook/v1");
    let tag = mac.finalize().into_bytes();
    tag.iter().map(|byte| format!("{byte:02x}")).collect::<String>().into()
}

fn web(read: &mut Reader, telegram: &Telegram) -> Web {
    let bind = read.or_default("HTTP_BIND", parse::socket);
    let public_base_url = read.optional("PUBLIC_BASE_URL", parse::base_url);
    let trusted_proxies = read.optional("TRUSTED_PROXIES", parse::networks).unwrap_or_default();
    if telegram.mode == TelegramMode::Webhook {
        match &public_base_url {
            None if !read.is_set("PUBLIC_BASE_URL") => {
                read.refuse(
                    "PUBLIC_BASE_URL",
                    Fault::Needed { by: "TELEGRAM_MODE=webhook".to_owned() },
                );
            }
            Some(url) if telegram.base_url == TELEGRAM_HOST && !telegram_calls(url) => {
                read.refuse("PUBLIC_BASE_URL", Fault::WebhookPort);
            }
            _ => {}
        }
    }
    Web { bind, public_base_url, trusted_proxies }
}

fn telegram_calls(url: &str) -> bool {
    let port = Url::parse(url).ok().and_then(|url| url.port_or_known_default());
    port.is_some_and(|port| WEBHOOK_PORTS.contains(&port))
}

fn images(read: &mut Reader) -> Option<Images> {
    let on = read.switch("ENABLE_IMAGES");
    let images = Images {
        api_key: key_of(read, "NANO_BANANA_API_KEY", on, "ENABLE_IMAGES=0"),
        base_url: read.or_default("NANO_BANANA_BASE_URL", parse::base_url),
        concurrency: read.optional("NANO_BANANA_CONCURRENCY", |text| small(text, 1, 1_000)),
        per_minute: read.optional("NANO_BANANA_PER_MINUTE", |text| small(text, 1, 100_000)),
        generation_price: read.optional("IMAGE_GENERATION_PRICE", parse::rubles),
        edit_price: read.optional("IMAGE_EDIT_PRICE", parse::rubles),
        mismatch_refund_percent: read
            .or_default("RATIO_MISMATCH_REFUND_PERCENT", |text| small(text, 0, 100)),
    };
    on.then_some(images)
}

fn videos(read: &mut Reader) -> Option<Videos> {
    let on = read.switch("ENABLE_VIDEOS");
    let videos = Videos {
        api_key: key_of(read, "KLING_API_KEY", on, "ENABLE_VIDEOS=0"),
        base_url: read.or_default("KLING_BASE_URL", parse::base_url),
        webhook_secret: read.optional("KLING_WEBHOOK_SECRET", parse::kling_webhook_secret),
        concurrency: count(read, "KLING_CONCURRENCY", 1_000),
        poll_interval: read
            .or_default("KLING_POLL_INTERVAL", |text| parse::seconds(text, "1", "300")),
        poll_attempts_max: read
            .or_default("KLING_MAX_POLL_ATTEMPTS", |text| small(text, 1, 10_000)),
        five_seconds_price: read.optional("VIDEO_5SEC_PRICE", parse::rubles),
        ten_seconds_factor_thousandths: read
            .optional("VIDEO_10SEC_MULTIPLIER", |text| parse::factor(text, "1", "10")),
    };
    on.then_some(videos)
}

/// A key that is required while its section is on.
pub(super) fn key_of(
    read: &mut Reader,
    name: &'static str,
    on: bool,
    switch: &'static str,
) -> SecretString {
    if on {
        read.required(name, Fault::MissingUnless { switch }, parse::key)
    } else {
        read.optional(name, parse::key).unwrap_or_default()
    }
}

fn files(read: &mut Reader) -> Files {
    let data_dir = read.or_default("DATA_DIR", |text| Ok(text.into()));
    let methods = [("multipart", UploadMethod::Multipart), ("s3", UploadMethod::S3)];
    let upload_method = read.or_default("FILE_UPLOAD_METHOD", |text| parse::choice(text, &methods));
    let s3 = S3 {
        endpoint: read.optional("S3_ENDPOINT", parse::base_url),
        region: read.optional("S3_REGION", parse::word).unwrap_or_default(),
        bucket: read.optional("S3_BUCKET", parse::word).unwrap_or_default(),
        access_key: read.optional("S3_ACCESS_KEY", parse::key).unwrap_or_default(),
        secret_key: read.optional("S3_SECRET_KEY", parse::key).unwrap_or_default(),
        presigned_url_expiry: read
            .or_default("S3_PRESIGNED_URL_EXPIRY", |text| parse::seconds(text, "60", "604800")),
        path_style: read.switch("S3_PATH_STYLE"),
    };
    if upload_method == UploadMethod::Multipart {
        return Files { data_dir, upload_method, s3: None };
    }
    for name in ["S3_REGION", "S3_BUCKET", "S3_ACCESS_KEY", "S3_SECRET_KEY"] {
        if !read.is_set(name) {
            read.refuse(name, Fault::Needed { by: "FILE_UPLOAD_METHOD=s3".to_owned() });
        }
    }
    Files { data_dir, upload_method, s3: Some(s3) }
}

fn queues(read: &mut Reader) -> Queues {
    let waiting_max = read.or_default("QUEUE_MAX", |text| small(text, 0, 1_000_000));
    Queues {
        orders_per_customer: count(read, "ORDERS_PER_CUSTOMER", 100),
        waiting_max: Some(waiting_max).filter(|max| *max > 0),
    }
}

fn retry(read: &mut Reader) -> Retry {
    let retry = Retry {
        attempts_max: read.or_default("API_RETRY_ATTEMPTS", |text| small(text, 1, 10)),
        base_delay: read
            .or_default("API_RETRY_BASE_DELAY", |text| parse::seconds(text, "0.05", "60")),
        max_delay: read
            .or_default("API_RETRY_MAX_DELAY", |text| parse::seconds(text, "0.05", "3600")),
    };
    if retry.max_delay < retry.base_delay {
        read.refuse("API_RETRY_MAX_DELAY", Fault::Below { other: "API_RETRY_BASE_DELAY" });
    }
    retry
}

fn log(read: &mut Reader) -> Log {
    let formats = [("text", LogFormat::Text), ("json", LogFormat::Json)];
    Log {
        filter: read.or_default("RUST_LOG", parse::log_filter),
        format: read.or_default("LOG_FORMAT", |text| parse::choice(text, &formats)),
        otlp_endpoint: read.optional("OTEL_EXPORTER_OTLP_ENDPOINT", parse::collector_url),
    }
}

fn count(read: &mut Reader, name: &'static str, max: u64) -> usize {
    read.or_default(name, |text| small(text, 1, max))
}

/// A number whose range fits its type.
pub(super) fn small<T: TryFrom<u64>>(text: &str, min: u64, max: u64) -> Result<T, Fault> {
    let number = parse::number(text, min, max)?;
    T::try_from(number).map_err(|_| Fault::NotNumber { min, max })
}
