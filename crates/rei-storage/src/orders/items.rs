//! What an order makes, one by one: each thing is stored, or given up, by itself.

use rei_domain::clock::Timestamp;
use rei_domain::ids::OrderId;

use crate::{BookError, Row, Tx, params, statements};

/// Where one thing stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ItemState {
    /// Still to be made.
    Open,
    /// Made, verified and stored.
    Stored,
    /// There will be nothing.
    Failed,
}

/// One thing that an order makes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ItemRow {
    /// Its place in the order, from 1.
    pub no: i64,
    /// Where it stands.
    pub state: ItemState,
    /// The key of the original in the blob storage.
    pub artifact: Option<String>,
    /// The key of the preview, or of a video's cover; a video may have none.
    pub preview: Option<String>,
    /// Pixels from side to side.
    pub width: Option<i64>,
    /// Pixels from top to bottom.
    pub height: Option<i64>,
    /// Videos: how long it runs, in milliseconds.
    pub length_ms: Option<i64>,
    /// What the provider wants back when this is edited.
    pub thought_signature: Option<String>,
    /// Whether its ratio is the ordered one.
    pub as_ordered: bool,
    /// Why there is nothing, in the provider's word.
    pub reason: Option<String>,
}

/// A stored result of one thing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StoredItem {
    /// The key of the original in the blob storage.
    pub artifact: String,
    /// The key of the preview or cover.
    pub preview: Option<String>,
    /// Pixels from side to side.
    pub width: u32,
    /// Pixels from top to bottom.
    pub height: u32,
    /// Videos: how long it runs, in milliseconds.
    pub length_ms: Option<u64>,
    /// What the provider wants back when this is edited.
    pub thought_signature: Option<String>,
    /// Whether its ratio is the ordered one.
    pub as_ordered: bool,
}

statements! {
    pub OPEN = "insert into order_item (order_id, no, state) values (:order_id, :no, 'open')";

    pub STORE = "
update order_item
   set state = 'stored', artifact = :artifact, preview = :preview, width = :width, height = :height,
       length_ms = :length_ms, thought_signature = :thought_signature, as_ordered = :as_ordered, reason = null
 where order_id = :order_id and no = :no and state <> 'stored'";

    pub FAIL = "
update order_item
   set state = 'failed', reason = :reason
 where order_id = :order_id and no = :no and state = 'open'";

    pub OF_ORDER = "
select no, state, artifact, preview, width, height, length_ms, thought_signature, as_ordered, reason
  from order_item
 where order_id = :order_id
 order by no";

    pub NEEDS_BLOB = "
select 1 as needed
  from order_item i
  join orders o on o.id = i.order_id
 where (i.artifact = :blob or i.preview = :blob) and o.state_at >= :since
union all
select 1 as needed from upload where blob = :blob and state = 'ready'
 limit 1";
}

/// Adds one thing that is to be made.
pub fn open_item(tx: &mut Tx<'_>, order: OrderId, no: i64) -> Result<(), BookError> {
    tx.execute(&OPEN, &params! { ":order_id" => order, ":no" => no })?;
    Ok(())
}

/// Names the stored result of one thing; `false` when it had one before.
pub fn store_item(
    tx: &mut Tx<'_>,
    order: OrderId,
    no: i64,
    stored: &StoredItem,
) -> Result<bool, BookError> {
    let length_ms = stored.length_ms.and_then(|ms| i64::try_from(ms).ok());
    let changed = tx.execute(
        &STORE,
        &params! {
            ":order_id" => order,
            ":no" => no,
            ":artifact" => stored.artifact.as_str(),
            ":preview" => stored.preview.as_deref(),
            ":width" => i64::from(stored.width),
            ":height" => i64::from(stored.height),
            ":length_ms" => length_ms,
            ":thought_signature" => stored.thought_signature.as_deref(),
            ":as_ordered" => i64::from(stored.as_ordered),
        },
    )?;
    Ok(changed > 0)
}

/// Gives up one thing.
pub fn fail_item(tx: &mut Tx<'_>, order: OrderId, no: i64, reason: &str) -> Result<(), BookError> {
    tx.execute(&FAIL, &params! { ":order_id" => order, ":no" => no, ":reason" => reason })?;
    Ok(())
}

/// What the order makes, in its order.
pub fn items_of(tx: &mut Tx<'_>, order: OrderId) -> Result<Vec<ItemRow>, BookError> {
    let rows = tx.query(&OF_ORDER, &params! { ":order_id" => order })?;
    rows.iter().map(read).collect()
}

/// Whether this key is that of a result of an order that moved since then, or of a customer's file that is kept.
pub fn needs_blob(tx: &mut Tx<'_>, blob: &str, since: Timestamp) -> Result<bool, BookError> {
    Ok(tx.query_opt(&NEEDS_BLOB, &params! { ":blob" => blob, ":since" => since })?.is_some())
}

fn read(row: &Row) -> Result<ItemRow, BookError> {
    Ok(ItemRow {
        no: row.int("no")?,
        state: match row.text("state")?.as_str() {
            "open" => ItemState::Open,
            "stored" => ItemState::Stored,
            "failed" => ItemState::Failed,
            _ => return Err(BookError::unreadable("state")),
        },
        artifact: row.opt_text("artifact")?,
        preview: row.opt_text("preview")?,
        width: row.opt_int("width")?,
        height: row.opt_int("height")?,
        length_ms: row.opt_int("length_ms")?,
        thought_signature: row.opt_text("thought_signature")?,
        as_ordered: row.int("as_ordered")? != 0,
        reason: row.opt_text("reason")?,
    })
}
