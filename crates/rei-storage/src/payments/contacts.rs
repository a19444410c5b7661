//! Where receipts go, and which terms were accepted.

use rei_domain::clock::Timestamp;
use rei_domain::ids::CustomerId;

use crate::{BookError, Tx, params, statements};

statements! {
    pub SAVE_EMAIL = "
insert into receipt_email (customer, email, at)
values (:customer, :email, :now)
on conflict (customer) do update set email = excluded.email, at = excluded.at";

    pub DELETE_EMAIL = "delete from receipt_email where customer = :customer";

    pub EMAIL = "select email from receipt_email where customer = :customer";

    pub ACCEPT = "
insert into consent (customer, subject, version, at)
values (:customer, 'terms', :version, :now)
on conflict do nothing";

    pub ACCEPTED = "
select 1 as accepted from consent where customer = :customer and subject = 'terms' and version >= :version";
}

/// Stores where a customer's receipts go; `None` forgets it.
///
/// # Errors
/// [`BookError`] when the book can't be used; so do all of this file.
pub fn save_email(
    tx: &mut Tx<'_>,
    customer: CustomerId,
    email: Option<&str>,
    now: Timestamp,
) -> Result<(), BookError> {
    match email {
        Some(email) => tx.execute(
            &SAVE_EMAIL,
            &params! { ":customer" => customer, ":email" => email, ":now" => now },
        )?,
        None => tx.execute(&DELETE_EMAIL, &params! { ":customer" => customer })?,
    };
    Ok(())
}

/// Where a customer's receipts go.
///
/// # Errors
/// As [`save_email`].
pub fn email_of(tx: &mut Tx<'_>, customer: CustomerId) -> Result<Option<String>, BookError> {
    let row = tx.query_opt(&EMAIL, &params! { ":customer" => customer })?;
    row.map(|row| row.text("email")).transpose()
}

/// Notes that a customer accepted a version of the terms.
///
/// # Errors
/// As [`save_email`].
pub fn accept_terms(
    tx: &mut Tx<'_>,
    customer: CustomerId,
    version: i64,
    now: Timestamp,
) -> Result<(), BookError> {
    tx.execute(
        &ACCEPT,
        &params! { ":customer" => customer, ":version" => version, ":now" => now },
    )?;
    Ok(())
}

/// Whether a customer accepted this version of the terms, or a later one.
///
/// # Errors
/// As [`save_email`].
pub fn terms_accepted(
    tx: &mut Tx<'_>,
    customer: CustomerId,
    version: i64,
) -> Result<bool, BookError> {
    let params = params! { ":customer" => customer, ":version" => version };
    Ok(tx.query_opt(&ACCEPTED, &params)?.is_some())
}
