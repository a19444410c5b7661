//! Each customer's first top-up, the bonus it brought, and what of that went back when it was refunded.

use rei_domain::clock::Timestamp;
use rei_domain::ids::CustomerId;
use rei_domain::money::Kopecks;

use crate::{BookError, Row, Tx, params, statements};

/// A customer's first top-up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FirstTopup {
    /// Whose.
    pub customer: CustomerId,
    /// The payment, as transfers name it.
    pub payment: String,
    /// What it brought as a bonus; nothing when the owner gave none at the time.
    pub bonus: Kopecks,
    /// What of the bonus went back.
    pub taken_back: Kopecks,
    /// What is still to go back and was on hold when the payment was refunded.
    pub owed: Kopecks,
    /// Whether the payment was refunded.
    pub is_over: bool,
}

statements! {
    // No row changed: there was an earlier one.
    pub FIRST = "
insert into first_topup (customer, payment, bonus, at)
values (:customer, :payment, :bonus, :now)
on conflict (customer) do nothing";

    pub OF_CUSTOMER = "
select customer, payment, bonus, taken_back, owed, is_over
  from first_topup
 where customer = :customer";

    // No row changed: another payment's bonus, or it has gone back before.
    pub OWE = "
update first_topup
   set owed = :owed, is_over = 1
 where customer = :customer and payment = :payment and is_over = 0";

    // No row changed: somebody else took it.
    pub TAKE_BACK = "
update first_topup
   set taken_back = taken_back + :taken, owed = :left
 where customer = :customer and taken_back = :before and owed = :owed";

    pub OWING = "
select customer, payment, bonus, taken_back, owed, is_over
  from first_topup
 where owed > 0 and customer > :after
 order by customer
 limit :limit";
}

/// Remembers a customer's top-up as the first; `false` when there was an earlier one.
pub fn is_first_topup(
    tx: &mut Tx<'_>,
    customer: CustomerId,
    payment: &str,
    bonus: Kopecks,
    now: Timestamp,
) -> Result<bool, BookError> {
    let params = params! { ":customer" => customer, ":payment" => payment, ":bonus" => bonus, ":now" => now };
    Ok(tx.execute(&FIRST, &params)? > 0)
}

/// The customer's first top-up, if there was any.
pub fn first_topup_of(
    tx: &mut Tx<'_>,
    customer: CustomerId,
) -> Result<Option<FirstTopup>, BookError> {
    let row = tx.query_opt(&OF_CUSTOMER, &params! { ":customer" => customer })?;
    row.as_ref().map(read).transpose()
}

/// The payment was refunded: so much of its bonus is to go back. `false` when it was not the first top-up, or this
/// was said before.
pub fn owe(
    tx: &mut Tx<'_>,
    customer: CustomerId,
    payment: &str,
    owed: Kopecks,
) -> Result<bool, BookError> {
    let params = params! { ":customer" => customer, ":payment" => payment, ":owed" => owed };
    Ok(tx.execute(&OWE, &params)? > 0)
}

/// Notes that `taken` of the bonus went back and that `left` is still owed; `false` when `seen` is no longer how it
/// stands.
pub fn take_back(
    tx: &mut Tx<'_>,
    seen: &FirstTopup,
    taken: Kopecks,
    left: Kopecks,
) -> Result<bool, BookError> {
    let params = params! {
        ":customer" => seen.customer, ":taken" => taken, ":left" => left, ":before" => seen.taken_back, ":owed" => seen.owed
    };
    Ok(tx.execute(&TAKE_BACK, &params)? > 0)
}

/// Those of whose bonus something is still to go back, in the order of their numbers behind `after`.
pub fn owing(tx: &mut Tx<'_>, after: CustomerId, limit: i64) -> Result<Vec<FirstTopup>, BookError> {
    tx.query(&OWING, &params! { ":after" => after, ":limit" => limit })?.iter().map(read).collect()
}

fn read(row: &Row) -> Result<FirstTopup, BookError> {
    Ok(FirstTopup {
        customer: CustomerId(row.int("customer")?),
        payment: row.text("payment")?,
        bonus: Kopecks::new(row.int("bonus")?),
        taken_back: Kopecks::new(row.int("taken_back")?),
        owed: Kopecks::new(row.int("owed")?),
        is_over: row.int("is_over")? != 0,
    })
}
