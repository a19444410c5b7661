//! What a provider is sent: the frozen choices, and the customer's files in the way the model takes them.

use std::collections::BTreeMap;

use rei_blobs::media::MediaType;
use rei_blobs::{BlobError, BlobKey};
use rei_domain::catalog::{Carriage, Choices, Extra, InputSlot, Kind, RATIO_OF_SOURCE};
use rei_domain::ids::OrderId;
use rei_providers::{FormerTurn, InputContent, InputFile, Rejection, SubmitRequest};
use rei_storage::orders::{self, InputRow, OrderRow};
use rei_storage::uploads::UploadRow;

use crate::files::{self, LinkError};
use crate::house::UploadMethod;
use crate::{House, callback_url};

/// Builds the request of an order; each attempt adds its key.
///
/// # Errors
/// A rejection when a file can't be handed over: it may heal, or the owner has to mend something.
pub(super) async fn request(
    house: &House,
    order: &OrderRow,
    inputs: &[InputRow],
) -> Result<SubmitRequest, Rejection> {
    let choices: Choices = serde_json::from_str(&order.choices)
        .map_err(|_| Rejection::owner_fault("choices-unreadable"))?;
    let extras: BTreeMap<String, Extra> = serde_json::from_str(&order.extras)
        .map_err(|_| Rejection::owner_fault("extras-unreadable"))?;
    let chosen = |word: String| Some(word).filter(|word| !word.is_empty());
    let mut files = Vec::with_capacity(inputs.len());
    for input in inputs {
        files.push(file(house, order, input).await?);
    }
    Ok(SubmitRequest {
        key: String::new(),
        model: order.model.clone(),
        model_legacy: order.model_legacy.clone(),
        prompt: order.prompt.clone(),
        aspect_ratio: chosen(choices.ratio).filter(|ratio| ratio != RATIO_OF_SOURCE),
        size: chosen(choices.size),
        seconds: Some(choices.seconds).filter(|seconds| *seconds > 0),
        sound: chosen(choices.sound),
        extras,
        inputs: files,
        image_only: false,
        callback_url: callback_url(house),
    })
}

async fn file(house: &House, order: &OrderRow, input: &InputRow) -> Result<InputFile, Rejection> {
    let gone = || Rejection::owner_fault("input-file-gone");
    let key: BlobKey =
        input.upload.blob.as_deref().and_then(|blob| blob.parse().ok()).ok_or_else(gone)?;
    let key = as_taken(house, order, key).await?;
    let (slot, mime) = (input.slot, key.media().mime().to_owned());
    let former_turn = former_turn(house, order, &input.upload).await?;
    let catalog = house.catalog.current();
    let rules = catalog.model(&order.sku).and_then(|model| model.input(slot));
    if carriage(house, rules) == Carriage::Url {
        let url = link(house, order, input, &key).await?;
        return Ok(InputFile { slot, mime, content: InputContent::Url(url), former_turn });
    }
    let path = house.blobs.path_of(&key).await.map_err(|error| unreadable(order, &error))?;
    let size_bytes = tokio::fs::metadata(&path).await.map_err(|_| gone())?.len();
    Ok(InputFile { slot, mime, content: InputContent::File { path, size_bytes }, former_turn })
}

/// The file, or a copy of it, as a kind that the provider takes: those of videos don't take webp.
async fn as_taken(house: &House, order: &OrderRow, key: BlobKey) -> Result<BlobKey, Rejection> {
    let makes_picture = order.kind == Kind::Image.as_str() || order.kind == Kind::Edit.as_str();
    if key.media() != MediaType::Webp || makes_picture {
        return Ok(key);
    }
    let path = house.blobs.path_of(&key).await.map_err(|error| unreadable(order, &error))?;
    let place = house.decoding.clone().acquire_owned().await;
    let jpeg = tokio::task::spawn_blocking(move || {
        let _place = place;
        rei_media::as_jpeg(&path)
    });
    // It was read when it came; a second try brings nothing new.
    let undecodable = || Rejection::retry("input-unreadable", 1);
    let jpeg = jpeg.await.map_err(|_| undecodable())?.map_err(|_| undecodable())?;
    let turned = house.blobs.put_bytes(jpeg, MediaType::Jpeg).await;
    turned.map_err(|error| unreadable(order, &error))
}

fn unreadable(order: &OrderRow, error: &BlobError) -> Rejection {
    tracing::error!(order.id = %order.id, %error, "a customer's file can't be read");
    Rejection::retry("input-unreadable", 5)
}

/// The link of a file, the same for every call of the order.
async fn link(
    house: &House,
    order: &OrderRow,
    input: &InputRow,
    key: &BlobKey,
) -> Result<String, Rejection> {
    if let Some(link) = &input.link {
        return Ok(link.clone());
    }
    let link = files::link(house, key, files::PROVIDER_LINK_VALID).await.map_err(unlinked)?;
    let link = link.ok_or_else(|| Rejection::owner_fault("no-public-address"))?;
    let (id, no) = (order.id, input.no);
    let kept = house.book.write(move |tx| orders::set_input_link(tx, id, no, &link)).await;
    kept.map_err(|error| unlinked(LinkError::Book(error)))
}

/// With a bucket, links wherever the provider follows them; else bytes wherever it takes them.
fn carriage(house: &House, rules: Option<&InputSlot>) -> Carriage {
    let ways = rules.map_or(&[Carriage::Inline][..], |rules| &rules.carried);
    let better = match house.files.method {
        UploadMethod::S3 => Carriage::Url,
        UploadMethod::Multipart => Carriage::Inline,
    };
    if ways.contains(&better) { better } else { ways.first().copied().unwrap_or(better) }
}

fn unlinked(error: LinkError) -> Rejection {
    tracing::error!(%error, "a link to a customer's file can't be made");
    Rejection::retry("link-failed", 5)
}

/// What the provider is reminded of when a result of its own is changed.
async fn former_turn(
    house: &House,
    order: &OrderRow,
    upload: &UploadRow,
) -> Result<Option<FormerTurn>, Rejection> {
    let Some((from, no)) = upload.result else { return Ok(None) };
    let found = house
        .book
        .read(move |tx| {
            Ok::<_, rei_storage::BookError>((orders::find(tx, from)?, signature(tx, from, no)?))
        })
        .await
        .map_err(|_| Rejection::retry("book-unreadable", 5))?;
    let (Some(former), Some(thought_signature)) = found else { return Ok(None) };
    // A signature is good for the model that gave it; to another it is a picture like any other.
    if former.model != order.model {
        return Ok(None);
    }
    Ok(Some(FormerTurn { prompt: former.prompt, thought_signature: Some(thought_signature) }))
}

fn signature(
    tx: &mut rei_storage::Tx<'_>,
    order: OrderId,
    no: i64,
) -> Result<Option<String>, rei_storage::BookError> {
    let items = orders::items_of(tx, order)?;
    Ok(items.into_iter().find(|item| item.no == no).and_then(|item| item.thought_signature))
}
