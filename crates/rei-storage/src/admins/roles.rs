//! Who helps to run the bot. Owners named in the settings have no row here.

use rei_domain::clock::Timestamp;
use rei_domain::ids::CustomerId;

use crate::{BookError, Row, Tx, params, statements};

/// A role that an owner gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleRow {
    /// Who has it.
    pub customer: CustomerId,
    /// `owner`, `finance`, `support` or `viewer`.
    pub role: String,
    /// Who gave it.
    pub granted_by: CustomerId,
    /// When.
    pub at: Timestamp,
}

statements! {
    pub ROLE_OF = "select role from admin_role where customer = :customer";

    pub SET_ROLE = "
insert into admin_role (customer, role, granted_by, at)
values (:customer, :role, :granted_by, :now)
on conflict (customer) do update
   set role = excluded.role, granted_by = excluded.granted_by, at = excluded.at";

    pub DROP_ROLE = "delete from admin_role where customer = :customer";

    pub ROLES = "
select customer, role, granted_by, at
  from admin_role
 order by at, customer
 limit :limit";
}

/// The role's word; `None` for somebody without one.
///
/// # Errors
/// [`BookError`] when the book can't be used; so do the others.
pub fn role_of(tx: &mut Tx<'_>, customer: CustomerId) -> Result<Option<String>, BookError> {
    let row = tx.query_opt(&ROLE_OF, &params! { ":customer" => customer })?;
    row.map(|row| row.text("role")).transpose()
}

/// Gives a role, in place of the one before.
///
/// # Errors
/// As [`role_of`].
pub fn set_role(
    tx: &mut Tx<'_>,
    customer: CustomerId,
    role: &str,
    granted_by: CustomerId,
    now: Timestamp,
) -> Result<(), BookError> {
    tx.execute(
        &SET_ROLE,
        &params! {
            ":customer" => customer, ":role" => role, ":granted_by" => granted_by, ":now" => now
        },
    )?;
    Ok(())
}

/// Takes the role away; `false` when there was none.
///
/// # Errors
/// As [`role_of`].
pub fn drop_role(tx: &mut Tx<'_>, customer: CustomerId) -> Result<bool, BookError> {
    Ok(tx.execute(&DROP_ROLE, &params! { ":customer" => customer })? > 0)
}

/// Everybody with a role, the oldest first.
///
/// # Errors
/// As [`role_of`].
pub fn roles(tx: &mut Tx<'_>, limit: i64) -> Result<Vec<RoleRow>, BookError> {
    let read = |row: &Row| {
        Ok(RoleRow {
            customer: CustomerId(row.int("customer")?),
            role: row.text("role")?,
            granted_by: CustomerId(row.int("granted_by")?),
            at: Timestamp(row.int("at")?),
        })
    };
    tx.query(&ROLES, &params! { ":limit" => limit })?.iter().map(read).collect()
}
