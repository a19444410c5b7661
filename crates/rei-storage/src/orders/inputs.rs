//! The customer's files that go into an order.

use rei_domain::catalog::Slot;
use rei_domain::ids::{OrderId, UploadId};

use crate::uploads::{self, UploadRow};
use crate::{BookError, Tx, params, statements};

/// A file of an order, with its purpose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputRow {
    /// What it is for.
    pub slot: Slot,
    /// The file.
    pub upload: UploadRow,
}

statements! {
    pub ADD = "
insert into order_input (order_id, no, slot, upload_id)
values (:order_id, :no, :slot, :upload_id)";

    pub OF_ORDER = "
select i.slot, u.id, u.customer, u.state, u.file_id, u.blob, u.file_type, u.size_bytes, u.width, u.height,
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

/// The order's files, in their order.
pub fn inputs_of(tx: &mut Tx<'_>, order: OrderId) -> Result<Vec<InputRow>, BookError> {
    let rows = tx.query(&OF_ORDER, &params! { ":order_id" => order })?;
    rows.iter()
        .map(|row| {
            let slot = Slot::from_word(&row.text("slot")?);
            Ok(InputRow {
                slot: slot.ok_or_else(|| BookError::unreadable("slot"))?,
                upload: uploads::read(row)?,
            })
        })
        .collect()
}
