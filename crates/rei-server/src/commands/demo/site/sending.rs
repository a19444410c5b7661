//! What a visitor sends: pictures, albums, clips and files of his own, or drawn ones.

use axum::Router;
use axum::extract::State;
use axum::extract::multipart::{Field, Multipart};
use axum::routing::post;
use bytes::Bytes;
use rei_sim::telegram::{NewVideo, User};
use serde_json::json;

use super::super::props;
use super::SharedSite;
use super::acts::{Answer, Refused, done, sent};

/// An album of Telegram has at most so many parts.
const ALBUM_MAX: usize = 10;
/// A drawn clip is not longer.
const CLIP_MAX_S: u64 = 30;

pub(super) fn routes() -> Router<SharedSite> {
    Router::new()
        .route("/media", post(media))
        .route("/document", post(document))
        .route("/clip", post(clip))
}

/// A form: `customer`, `caption`, `file` as often as there are files, and `drawn`: how much is wanted of what the
/// simulator draws: pictures, or the seconds of a clip.
#[derive(Default)]
struct Upload {
    customer: i64,
    caption: String,
    drawn: u64,
    files: Vec<File>,
}

struct File {
    name: String,
    mime: String,
    bytes: Bytes,
}

impl File {
    fn is_video(&self) -> bool {
        self.mime.starts_with("video/")
    }
}

async fn read(mut form: Multipart) -> Result<Upload, Refused> {
    let mut upload = Upload::default();
    while let Some(field) = form.next_field().await? {
        match field.name().unwrap_or_default() {
            "customer" => upload.customer = number(field).await?,
            "drawn" => upload.drawn = number(field).await?,
            "caption" => upload.caption = field.text().await?,
            "file" if upload.files.len() < ALBUM_MAX => upload.files.push(read_file(field).await?),
            name => return Err(Refused(format!("too many files, or an unknown field: {name}"))),
        }
    }
    Ok(upload)
}

async fn number<N: std::str::FromStr>(field: Field<'_>) -> Result<N, Refused> {
    let text = field.text().await?;
    text.parse().map_err(|_| Refused(format!("`{text}` is no number")))
}

async fn read_file(field: Field<'_>) -> Result<File, Refused> {
    let name = field.file_name().unwrap_or("file").to_owned();
    let mime = field.content_type().unwrap_or("application/octet-stream").to_owned();
    Ok(File { name, mime, bytes: field.bytes().await? })
}

/// Pictures and videos to be looked at: one, or several as an album.
async fn media(State(site): State<SharedSite>, form: Multipart) -> Answer {
    let mut upload = read(form).await?;
    let user = site.user(upload.customer)?;
    if upload.files.is_empty() {
        let count = usize::try_from(upload.drawn.max(1)).unwrap_or(ALBUM_MAX).min(ALBUM_MAX);
        upload.files = props::photos(count).await?.into_iter().map(drawn_photo).collect();
    }
    match upload.files.as_slice() {
        [one] if one.is_video() => sent(user.sends_video(one.bytes.clone(), &upload.caption)?),
        [one] => sent(user.sends_photo(one.bytes.clone(), &upload.caption)?),
        _ => album(&user, upload),
    }
}

fn drawn_photo(bytes: Bytes) -> File {
    File { name: "photo.jpg".to_owned(), mime: "image/jpeg".to_owned(), bytes }
}

/// The caption stands on the first part, as people send it.
fn album(user: &User, upload: Upload) -> Answer {
    let group = user.begins_album();
    let mut sent = Vec::new();
    let mut caption = upload.caption.as_str();
    for file in upload.files {
        sent.push(match file.is_video() {
            true => user.sends_album_video(&group, NewVideo::of(file.bytes), caption)?,
            false => user.sends_album_part(&group, file.bytes, caption)?,
        });
        caption = "";
    }
    Ok(axum::Json(json!({"message_ids": sent})))
}

/// Files as they are; without any a drawn picture.
async fn document(State(site): State<SharedSite>, form: Multipart) -> Answer {
    let mut upload = read(form).await?;
    let user = site.user(upload.customer)?;
    if upload.files.is_empty() {
        let (name, mime) = ("picture.png".to_owned(), "image/png".to_owned());
        upload.files.push(File { name, mime, bytes: props::png().await? });
    }
    for file in upload.files {
        user.sends_document(file.bytes, &file.name, &file.mime, &upload.caption)?;
    }
    done()
}

/// A drawn clip.
async fn clip(State(site): State<SharedSite>, form: Multipart) -> Answer {
    let upload = read(form).await?;
    let user = site.user(upload.customer)?;
    let bytes = props::clip(upload.drawn.clamp(1, CLIP_MAX_S)).await?;
    sent(user.sends_video(bytes, &upload.caption)?)
}
