//! Customers' files: fetched from Telegram, looked at and kept; and links under which files may be fetched for a while.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rei_blobs::{BlobError, BlobKey, BlobStore};
use rei_domain::catalog::Measured;
use rei_domain::clock::Timestamp;
use rei_domain::ids::{ChatId, CustomerId, JobId, UploadId};
use rei_media::MediaError;
use rei_queue::{Claim, NewJob, Verdict};
use rei_storage::{BookError, Tx, jobs, links, uploads};
use rei_telegram::{CallError, Client, DownloadError};
use rei_texts::Lang;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tokio_util::io::ReaderStream;

use crate::happenings::{self, CHATS_QUEUE, Happening};
use crate::wallet::reader_of;
use crate::{House, LedgerError};

/// The kind of the job that takes a customer's file in.
pub const TAKE_JOB: &str = "file.take";

/// Telegram hands files over to bots only up to this size.
pub const FILE_MAX_BYTES: u64 = 20 * 1024 * 1024;
/// A provider follows a link when its own queue comes to it, which may be a day later.
pub const PROVIDER_LINK_VALID: Duration = Duration::from_secs(36 * 3600);
/// What waits between Telegram and our storage while a file passes through.
const PIPE_BYTES: usize = 64 * 1024;
/// The way of our own file route, under the public address.
const ROUTE: &str = "/files/";

/// Why a customer's file can't be used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileProblem {
    /// Larger than a bot may fetch.
    TooBig {
        /// The most that is taken.
        bytes_max: u64,
    },
    /// Neither a picture nor a clip that we know.
    NotMedia,
    /// A picture of a phone's own kind that nobody here can read.
    Heic,
    /// It starts like a picture or a clip, and then breaks.
    Broken,
    /// Telegram doesn't have it any more.
    Gone,
    /// It could not be fetched, however often it was tried.
    Busy,
}

/// Announces a file and has it fetched.
///
/// # Errors
/// [`BookError`] when the book can't be used.
pub fn announce(
    tx: &mut Tx<'_>,
    house: &House,
    customer: CustomerId,
    upload: UploadId,
    file_id: &str,
    unique_id: Option<&str>,
    now: Timestamp,
) -> Result<(), BookError> {
    uploads::announce(tx, upload, customer, file_id, unique_id, now)?;
    let job = JobId::new(now, house.chance.as_ref());
    let job = NewJob::new(job, CHATS_QUEUE, TAKE_JOB, upload.to_short()).fair_to(customer);
    jobs::enqueue(tx, &job, now)?;
    Ok(())
}

/// Fetches a file, looks at it and keeps it; the conversation hears of it.
///
/// # Errors
/// [`LedgerError`] when the book can't be used; the job is then tried again by the queue.
pub async fn take(house: &House, claim: Claim) -> Result<Verdict, LedgerError> {
    let Some(id) = UploadId::from_short(&claim.subject) else {
        return Ok(Verdict::discard("the job names no file"));
    };
    let Some(row) = house.book.read(move |tx| uploads::find(tx, id)).await? else {
        return Ok(Verdict::discard("there is no such file"));
    };
    let (Some(client), Some(file_id)) = (&house.telegram, &row.file_id) else {
        return Ok(Verdict::retry("this process can't fetch files"));
    };
    let taken = match fetch(client, &house.blobs, file_id).await {
        Ok(key) => look_at(house, key).await,
        Err(missing) => Err(missing),
    };
    match taken {
        Ok((key, measured)) => {
            keep(house, claim, row.customer, id, key, measured).await?;
            Ok(Verdict::Finished)
        }
        Err(Missing::Useless(problem)) => {
            refuse(house, claim, row.customer, id, problem).await?;
            Ok(Verdict::Finished)
        }
        Err(Missing::Wait(after)) => Ok(Verdict::Snooze(after)),
        Err(Missing::Again(why)) => Ok(Verdict::Retry(why)),
    }
}

enum Missing {
    Useless(FileProblem),
    Wait(Duration),
    Again(String),
}

/// Streams the file from Telegram into our storage; never the whole of it in memory.
async fn fetch(client: &Client, blobs: &BlobStore, file_id: &str) -> Result<BlobKey, Missing> {
    let file = client.get_file(file_id).await.map_err(not_given)?;
    if file.size_bytes.is_some_and(|bytes| bytes > FILE_MAX_BYTES) {
        return Err(Missing::Useless(FileProblem::TooBig { bytes_max: FILE_MAX_BYTES }));
    }
    let (mut into, from) = tokio::io::duplex(PIPE_BYTES);
    let download = async move {
        let done = client.download_file(&file.file_path, FILE_MAX_BYTES, &mut into).await;
        // Ends the stream on the other side, whatever came of it.
        drop(into);
        done
    };
    let storing = blobs.put_stream(ReaderStream::new(from), FILE_MAX_BYTES);
    let (downloaded, stored) = tokio::join!(download, storing);
    match (downloaded, stored) {
        (Ok(_), Ok(stored)) => Ok(stored.key),
        // A download that broke leaves storage with half a file, whatever that looks like. Only where storage itself
        // closed the pipe does its word count.
        (Err(error), _) if !matches!(error, DownloadError::Write(_)) => Err(not_downloaded(error)),
        (_, Err(BlobError::UnknownMedia)) => Err(Missing::Useless(FileProblem::NotMedia)),
        (_, Err(error)) => Err(Missing::Again(format!("the file can't be stored: {error}"))),
        (Err(error), _) => Err(not_downloaded(error)),
    }
}

fn not_given(error: CallError) -> Missing {
    match error {
        CallError::FileTooBig => {
            Missing::Useless(FileProblem::TooBig { bytes_max: FILE_MAX_BYTES })
        }
        // Whatever else it dislikes about an id that it gave us itself, asking again changes nothing.
        CallError::BadFileId | CallError::OurBug { .. } => Missing::Useless(FileProblem::Gone),
        CallError::Flood { retry_after } => Missing::Wait(Duration::from_secs(retry_after.max(1))),
        other => Missing::Again(other.to_string()),
    }
}

fn not_downloaded(error: DownloadError) -> Missing {
    match error {
        DownloadError::TooBig { limit } => {
            Missing::Useless(FileProblem::TooBig { bytes_max: limit })
        }
        DownloadError::Call(error) => not_given(error),
        // A link is good for an hour and was made a moment ago: once more may do.
        other => Missing::Again(other.to_string()),
    }
}

/// Reads the file itself: its name and the sender's word are not believed.
async fn look_at(house: &House, key: BlobKey) -> Result<(BlobKey, Measured), Missing> {
    let path = house
        .blobs
        .path_of(&key)
        .await
        .map_err(|error| Missing::Again(format!("the file can't be read: {error}")))?;
    let place = house.decoding.clone().acquire_owned().await;
    let measured = tokio::task::spawn_blocking(move || {
        let _place = place;
        rei_media::measure(&path)
    })
    .await
    .map_err(|_| Missing::Useless(FileProblem::Broken))?;
    match measured {
        Ok(measured) => Ok((key, measured)),
        Err(MediaError::NotMedia | MediaError::NoVideo) => {
            Err(Missing::Useless(FileProblem::NotMedia))
        }
        Err(MediaError::Heic) => Err(Missing::Useless(FileProblem::Heic)),
        Err(MediaError::TooLarge { bytes_max }) => {
            Err(Missing::Useless(FileProblem::TooBig { bytes_max }))
        }
        Err(MediaError::Io(error)) => Err(Missing::Again(error.to_string())),
        Err(_) => Err(Missing::Useless(FileProblem::Broken)),
    }
}

async fn keep(
    house: &House,
    claim: Claim,
    customer: CustomerId,
    upload: UploadId,
    key: BlobKey,
    measured: Measured,
) -> Result<(), LedgerError> {
    let now = house.now();
    let rules = house.clone();
    house
        .book
        .write(move |tx| {
            if jobs::guard(tx, &claim)?.is_err() {
                return Ok(());
            }
            if uploads::take_in(tx, upload, key.as_str(), &measured, now)? {
                let measured = measured.clone();
                let happened = Happening::FileTaken { upload, measured };
                happenings::put(tx, &rules, customer, &happened, now)?;
            }
            Ok::<_, LedgerError>(jobs::done(tx, &claim, now)?)
        })
        .await
}

async fn refuse(
    house: &House,
    claim: Claim,
    customer: CustomerId,
    upload: UploadId,
    problem: FileProblem,
) -> Result<(), LedgerError> {
    let now = house.now();
    let rules = house.clone();
    house
        .book
        .write(move |tx| {
            if jobs::guard(tx, &claim)?.is_err() {
                return Ok(());
            }
            refuse_in(tx, &rules, customer, upload, &problem, now)?;
            Ok::<_, LedgerError>(jobs::done(tx, &claim, now)?)
        })
        .await
}

fn refuse_in(
    tx: &mut Tx<'_>,
    house: &House,
    customer: CustomerId,
    upload: UploadId,
    problem: &FileProblem,
    now: Timestamp,
) -> Result<(), BookError> {
    let word = serde_json::to_string(problem).expect("a problem has only plain fields");
    if uploads::refuse(tx, upload, &word)? {
        let happened = Happening::FileRefused { upload, problem: problem.clone() };
        happenings::put(tx, house, customer, &happened, now)?;
    }
    Ok(())
}

/// The job of a file is dead: the customer is told, in the transaction that ends the job.
///
/// # Errors
/// [`BookError`] when the book can't be used.
pub fn poisoned(tx: &mut Tx<'_>, house: &House, subject: &str) -> Result<(), BookError> {
    let Some(id) = UploadId::from_short(subject) else { return Ok(()) };
    let Some(row) = uploads::find(tx, id)? else { return Ok(()) };
    refuse_in(tx, house, row.customer, id, &FileProblem::Busy, house.now())
}

/// Why no link can be made right now.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// The bucket doesn't hand it out.
    #[error("the bucket gives no link")]
    Bucket(#[from] BlobError),
    /// The book can't be written.
    #[error("the book can't be written")]
    Book(#[from] BookError),
}

/// A link to a stored file that works for at least `valid`: into the bucket, else to our own route; `None` where there
/// is neither. Whoever has the link has the file, so it is never logged.
///
/// # Errors
/// [`LinkError`]: it may work later.
pub async fn link(
    house: &House,
    key: &BlobKey,
    valid: Duration,
) -> Result<Option<String>, LinkError> {
    if let Some(link) = house.blobs.link(key, valid).await? {
        return Ok(Some(link));
    }
    let Some(base) = &house.files.public_base_url else { return Ok(None) };
    let mut token = [0_u8; 32];
    house.chance.fill(&mut token);
    let token = URL_SAFE_NO_PAD.encode(token);
    let (hash, blob) = (hash_of(&token), key.as_str().to_owned());
    let expires_at = house.now().plus(valid);
    house.book.write(move |tx| links::put(tx, &hash, &blob, expires_at)).await?;
    Ok(Some(format!("{base}{ROUTE}{token}")))
}

/// A file behind a link of ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkedFile {
    /// Where it lies on this machine.
    pub path: std::path::PathBuf,
    /// Its type for HTTP.
    pub mime: &'static str,
}

/// The file of a link that has not run out.
///
/// # Errors
/// [`BookError`] when the book can't be read.
pub async fn open_link(house: &House, token: &str) -> Result<Option<LinkedFile>, BookError> {
    let (hash, now) = (hash_of(token), house.now());
    let Some(blob) = house.book.read(move |tx| links::find(tx, &hash, now)).await? else {
        return Ok(None);
    };
    let Ok(key) = blob.parse::<BlobKey>() else { return Ok(None) };
    let found = house.blobs.path_of(&key).await;
    if let Err(error) = &found {
        tracing::error!(%error, "the file of a link can't be read");
    }
    Ok(found.ok().map(|path| LinkedFile { path, mime: key.media().mime() }))
}

/// The language of whoever reads a chat.
pub(crate) async fn reader(house: &House, chat: ChatId) -> Lang {
    let read = house.book.read(move |tx| reader_of(tx, CustomerId(chat.0))).await;
    read.unwrap_or(Lang::Ru)
}

/// What the book knows a link by.
fn hash_of(token: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(token.as_bytes()))
}
