//! What admins did, and the switches that they and faults turn.

use rei_domain::clock::Timestamp;
use rei_domain::ids::CustomerId;

use crate::{BookError, Tx, params, statements};

statements! {
    pub NOTE = "
insert into admin_action (key, actor, action, subject, detail, at)
values (:key, :actor, :action, :subject, :detail, :now)
on conflict (key) do nothing";

    pub SET_SWITCH = "
insert into switch (name, value, reason, at)
values (:name, :value, :reason, :now)
on conflict (name) do update
   set value = excluded.value, reason = excluded.reason, at = excluded.at
 where switch.value <> excluded.value";

    pub SWITCHES = "select name, value from switch order by name";

    pub STATS = "
select (select count(*) from customer) as customers,
       (select count(*) from customer where created_at >= :day_ago) as fresh,
       (select count(*) from orders) as orders,
       (select count(*) from orders where state in ('ready', 'delivering', 'delivered')) as delivered,
       (select count(*) from orders where state in ('refused', 'failed', 'expired', 'cancelled', 'gifted')) as refunded,
       (select count(*) from orders where state in ('queued', 'submitting', 'unknown', 'running', 'fetching')) as active,
       (select cast(coalesce(sum(held), 0) as bigint) from account) as held";
}

/// Counts for the owner's summary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counts {
    /// All customers.
    pub customers: i64,
    /// Customers of the last 24 hours.
    pub fresh: i64,
    /// All orders.
    pub orders: i64,
    /// Orders that were paid.
    pub delivered: i64,
    /// Orders whose money went back.
    pub refunded: i64,
    /// Orders that hold money.
    pub active: i64,
    /// What waits on hold in them, in kopecks.
    pub held: i64,
}

/// Records what an admin did; `false` when the same command was recorded before.
pub fn note(
    tx: &mut Tx<'_>,
    key: &str,
    actor: CustomerId,
    action: &str,
    subject: &str,
    detail: &str,
    now: Timestamp,
) -> Result<bool, BookError> {
    let noted = tx.execute(
        &NOTE,
        &params! {
            ":key" => key, ":actor" => actor, ":action" => action, ":subject" => subject, ":detail" => detail, ":now" => now
        },
    )?;
    Ok(noted > 0)
}

/// Turns a switch; `true` when that changed it.
pub fn set_switch(
    tx: &mut Tx<'_>,
    name: &str,
    value: &str,
    reason: &str,
    now: Timestamp,
) -> Result<bool, BookError> {
    let turned = tx.execute(
        &SET_SWITCH,
        &params! { ":name" => name, ":value" => value, ":reason" => reason, ":now" => now },
    )?;
    Ok(turned > 0)
}

/// All switches as (name, value).
pub fn switches(tx: &mut Tx<'_>) -> Result<Vec<(String, String)>, BookError> {
    let rows = tx.query(&SWITCHES, &params! {})?;
    rows.iter().map(|row| Ok((row.text("name")?, row.text("value")?))).collect()
}

/// The owner's counts.
pub fn counts(tx: &mut Tx<'_>, day_ago: Timestamp) -> Result<Counts, BookError> {
    let row = tx.query_one(&STATS, &params! { ":day_ago" => day_ago })?;
    Ok(Counts {
        customers: row.int("customers")?,
        fresh: row.int("fresh")?,
        orders: row.int("orders")?,
        delivered: row.int("delivered")?,
        refunded: row.int("refunded")?,
        active: row.int("active")?,
        held: row.int("held")?,
    })
}
