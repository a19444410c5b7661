//! A picture that a provider made: verified before it is sold, stored with its preview.

use rei_domain::catalog::{Choices, RATIO_OF_SOURCE};
use rei_providers::{Done, Rejection};
use rei_storage::orders::{OrderRow, StoredItem};

use crate::House;

/// Verifies and stores the picture of an answer.
///
/// # Errors
/// A rejection of this attempt when there is nothing to sell or it can't be kept.
pub(super) async fn keep(
    house: &House,
    order: &OrderRow,
    done: Done,
) -> Result<StoredItem, Rejection> {
    let Some(artifact) = done.artifacts.into_iter().next() else {
        return Err(Rejection::retry("no-artifact", 1));
    };
    let choices: Option<Choices> = serde_json::from_str(&order.choices).ok();
    let ratio = choices.map(|it| it.ratio).filter(|it| it != RATIO_OF_SOURCE).unwrap_or_default();
    let bytes = artifact.bytes;
    let looked_at = bytes.clone();
    let place = house.decoding.clone().acquire_owned().await;
    let verified = tokio::task::spawn_blocking(move || {
        let _place = place;
        rei_media::verify_picture(&looked_at, &ratio)
    })
    .await;
    let verified = match verified {
        Ok(Ok(verified)) => verified,
        Ok(Err(error)) => {
            tracing::warn!(order.id = %order.id, %error, "the provider's result can't be sold");
            return Err(Rejection::retry("broken-picture", 1));
        }
        Err(error) => {
            tracing::error!(order.id = %order.id, %error, "checking the picture panicked");
            return Err(Rejection::retry("check-panicked", 1));
        }
    };
    if !verified.ratio_as_ordered {
        tracing::warn!(order.id = %order.id, "the picture has another ratio than ordered");
        metrics::counter!("pictures_ratio_mismatch_total").increment(1);
    }
    let media =
        rei_blobs::media::sniff(&bytes).ok_or_else(|| Rejection::retry("broken-picture", 1))?;
    let original = house.blobs.put_bytes(bytes, media).await;
    let preview = house.blobs.put_bytes(verified.preview, rei_blobs::media::MediaType::Jpeg).await;
    match (original, preview) {
        (Ok(original), Ok(preview)) => Ok(StoredItem {
            artifact: original.as_str().to_owned(),
            preview: Some(preview.as_str().to_owned()),
            width: verified.width,
            height: verified.height,
            length_ms: None,
            thought_signature: done.thought_signature,
            as_ordered: verified.ratio_as_ordered,
        }),
        (Err(error), _) | (_, Err(error)) => {
            // Nothing is charged until the picture is safe; the same answer can't be had again for free.
            tracing::error!(order.id = %order.id, %error, "the picture could not be stored");
            Err(Rejection::retry("storage-failed", 3))
        }
    }
}
