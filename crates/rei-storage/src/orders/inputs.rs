//! The customer's files that go into an order.

use rei_domain::catalog::Slot;
use rei_domain::ids::{OrderId, UploadId};

use crate::uploads::{self, UploadRow};
use crate::{BookError, Tx, params, statements};

/// A file of an order, with its purpose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputRow {
    /// Its place among the order's files, from 1.
    pub no: i64,
    /// What it is for.
    pub slot: Slot,
    /// The file.
    pub upload: UploadRow,
    /// The link that the provider was given, so that a call made again carries the same bytes.
    pub link: Option<String>,
}

statements! {
    pub ADD = "
insert into order_input (order_id, no, slot, upload_id)
values (:order_id, :no, :slot, :upload_id)";

    // The first link counts, whoever made it.
    pub SET_LINK = "
update order_input
   set link = coalesce(link, :link)
 where order_id = :order_id and no = :no
returning link";

    pub OF_ORDER = "
select i.no, i.slot, i.link, u.id, u.customer, u.state, u.file_id, u.blob, u.file_type, u.size_bytes, u.width, u.height,
       u.length_ms, u.from_order, u.from_item
  from order_input i
  join upload u on u.id = i.upload_id
 where i.order_id = :order_id
 order by i.no";
}

/// Adds a file to an order.
pub fn add_input(
    tx: &mut Tx<'_>,
    order: OrderId,
    no: i64,
    slot: Slot,
    upload: UploadId,
) -> Result<(), BookError> {
    tx.execute(
        &ADD,
        &params! { ":order_id" => order, ":no" => no, ":slot" => slot.as_str(), ":upload_id" => upload },
    )?;
    Ok(())
}

/// Keeps the link to a file of an order; returns the one that counts.
pub fn set_input_link(
    tx: &mut Tx<'_>,
    order: OrderId,
    no: i64,
    link: &str,
) -> Result<String, BookError> {
    let params = params! { ":order_id" => order, ":no" => no, ":link" => link };
    tx.query_one(&SET_LINK, &params)?.text("link")
}

/// The order's files, in their order.
pub fn inputs_of(tx: &mut Tx<'_>, order: OrderId) -> Result<Vec<InputRow>, BookError> {
    let rows = tx.query(&OF_ORDER, &params! { ":order_id" => order })?;
    rows.iter()
        .map(|row| {
            let slot = Slot::from_word(&row.text("slot")?);
            Ok(InputRow {
                no: row.int("no")?,
                slot: slot.ok_or_else(|| BookError::unreadable("slot"))?,
                upload: uploads::read(row)?,
                link: row.opt_text("link")?,
            })
        })
        .collect()
}
