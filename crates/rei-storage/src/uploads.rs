//! Customers' files: announced, then taken in or refused; and results that are to be changed.

use rei_domain::catalog::Measured;
use rei_domain::clock::Timestamp;
use rei_domain::ids::{CustomerId, OrderId, UploadId};

use crate::{BookError, Row, Tx, params, statements};

/// A customer's file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UploadRow {
    /// Its id.
    pub id: UploadId,
    /// Whose it is.
    pub customer: CustomerId,
    /// Whether it can be used: it was taken in and is still kept.
    pub ready: bool,
    /// Telegram's id of it.
    pub file_id: Option<String>,
    /// Its key in the blob storage.
    pub blob: Option<String>,
    /// What was found in it.
    pub measured: Option<Measured>,
    /// The result that it is, when it is one: the order, and the number of the thing from 1.
    pub result: Option<(OrderId, i64)>,
}

statements! {
    pub ANNOUNCE = "
insert into upload (id, customer, state, file_id, unique_id, created_at, used_at)
values (:id, :customer, 'new', :file_id, :unique_id, :now, :now)
on conflict (id) do nothing";

    pub TAKE_IN = "
update upload
   set state = 'ready', blob = :blob, file_type = :file_type, size_bytes = :size_bytes, width = :width,
       height = :height, length_ms = :length_ms, used_at = :now
 where id = :id and state = 'new'";

    pub REFUSE = "update upload set state = 'refused', problem = :problem where id = :id and state = 'new'";

    pub ADOPT = "
insert into upload (id, customer, state, blob, file_type, size_bytes, width, height, length_ms, from_order, from_item,
       created_at, used_at)
values (:id, :customer, 'ready', :blob, :file_type, :size_bytes, :width, :height, :length_ms, :from_order, :from_item,
       :now, :now)";

    pub FIND = "
select id, customer, state, file_id, blob, file_type, size_bytes, width, height, length_ms, from_order, from_item
  from upload
 where id = :id";

    pub USED = "update upload set used_at = :now where id = :id";

    // Files that nobody used for long are let go; the rows stay, because orders name them.
    pub EXPIRE = "
update upload
   set state = 'gone'
 where id in (select id from upload where state = 'ready' and used_at < :before limit :limit)
   and id not in (
       select i.upload_id
         from order_input i
         join orders o on o.id = i.order_id
        where o.state in ('queued', 'submitting', 'unknown', 'running', 'fetching'))";
}

/// Notes a file that is about to be taken in.
pub fn announce(
    tx: &mut Tx<'_>,
    id: UploadId,
    customer: CustomerId,
    file_id: &str,
    unique_id: Option<&str>,
    now: Timestamp,
) -> Result<(), BookError> {
    tx.execute(
        &ANNOUNCE,
        &params! {
            ":id" => id, ":customer" => customer, ":file_id" => file_id, ":unique_id" => unique_id, ":now" => now
        },
    )?;
    Ok(())
}

/// Notes that a file is stored, and what was found in it; `false` when its end was known before.
pub fn take_in(
    tx: &mut Tx<'_>,
    id: UploadId,
    blob: &str,
    measured: &Measured,
    now: Timestamp,
) -> Result<bool, BookError> {
    let taken = tx.execute(
        &TAKE_IN,
        &params! {
            ":id" => id,
            ":blob" => blob,
            ":file_type" => measured.file_type.as_str(),
            ":size_bytes" => in_book(measured.size_bytes),
            ":width" => i64::from(measured.width),
            ":height" => i64::from(measured.height),
            ":length_ms" => measured.length_ms.map(in_book),
            ":now" => now,
        },
    )?;
    Ok(taken > 0)
}

/// Notes that a file can't be used; `false` when its end was known before.
pub fn refuse(tx: &mut Tx<'_>, id: UploadId, problem: &str) -> Result<bool, BookError> {
    Ok(tx.execute(&REFUSE, &params! { ":id" => id, ":problem" => problem })? > 0)
}

/// Makes a result a file that can go into another order.
pub fn adopt(
    tx: &mut Tx<'_>,
    id: UploadId,
    customer: CustomerId,
    blob: &str,
    measured: &Measured,
    result: (OrderId, i64),
    now: Timestamp,
) -> Result<(), BookError> {
    tx.execute(
        &ADOPT,
        &params! {
            ":id" => id,
            ":customer" => customer,
            ":blob" => blob,
            ":file_type" => measured.file_type.as_str(),
            ":size_bytes" => in_book(measured.size_bytes),
            ":width" => i64::from(measured.width),
            ":height" => i64::from(measured.height),
            ":length_ms" => measured.length_ms.map(in_book),
            ":from_order" => result.0,
            ":from_item" => result.1,
            ":now" => now,
        },
    )?;
    Ok(())
}

/// The file with this id.
pub fn find(tx: &mut Tx<'_>, id: UploadId) -> Result<Option<UploadRow>, BookError> {
    tx.query_opt(&FIND, &params! { ":id" => id })?.as_ref().map(read).transpose()
}

/// Notes that a file was used just now, so that it is kept.
pub fn used(tx: &mut Tx<'_>, id: UploadId, now: Timestamp) -> Result<(), BookError> {
    tx.execute(&USED, &params! { ":id" => id, ":now" => now })?;
    Ok(())
}

/// Lets files go that nobody used since `before`, at most `limit`; returns how many.
pub fn expire(tx: &mut Tx<'_>, before: Timestamp, limit: i64) -> Result<u64, BookError> {
    tx.execute(&EXPIRE, &params! { ":before" => before, ":limit" => limit })
}

pub(crate) fn read(row: &Row) -> Result<UploadRow, BookError> {
    let side = |column: &str| -> Result<u32, BookError> {
        Ok(row.opt_int(column)?.and_then(|px| u32::try_from(px).ok()).unwrap_or(0))
    };
    let long = |column: &str| -> Result<Option<u64>, BookError> {
        Ok(row.opt_int(column)?.and_then(|value| u64::try_from(value).ok()))
    };
    let measured = match row.opt_text("file_type")? {
        Some(file_type) => Some(Measured {
            file_type,
            size_bytes: long("size_bytes")?.unwrap_or(0),
            width: side("width")?,
            height: side("height")?,
            length_ms: long("length_ms")?,
        }),
        None => None,
    };
    let from_order = row.opt_blob("from_order")?.and_then(|bytes| OrderId::from_slice(&bytes));
    Ok(UploadRow {
        id: UploadId::from_slice(&row.blob("id")?).ok_or_else(|| BookError::unreadable("id"))?,
        customer: CustomerId(row.int("customer")?),
        ready: row.text("state")? == "ready",
        file_id: row.opt_text("file_id")?,
        blob: row.opt_text("blob")?,
        measured,
        result: from_order.zip(row.opt_int("from_item")?),
    })
}

/// A length or a size; what doesn't fit the book is not a file that we would have taken.
fn in_book(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}
