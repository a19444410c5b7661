//! How full a queue is: orders that wait in it, the places at its provider that are taken, how long such things take.

use crate::jobs::Priority;
use crate::{BookError, Tx, params, statements};

/// The places of a queue at its provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlacesTaken {
    /// What the provider has or may have, and what a worker is about to hand over.
    pub taken: i64,
    /// Jobs among these that wait for a worker once more, for instance to look for a lost call: they have their place.
    pub begun: i64,
}

statements! {
    // Everything is counted by the order's job, so that nothing counts twice: while a worker runs the job, while the
    // provider has the task, and while a task goes on whose order ran out of time.
    pub TAKEN = "
select (select count(*)
          from (select job_id from orders
                 where queue = :queue and queue <> 'providers'
                   and state in ('submitting', 'unknown', 'running')
                union
                select o.job_id
                  from provider_task t
                  join orders o on o.id = t.order_id
                 where t.queue = :queue
                union
                select id from job where state = 'running' and queue = :queue) place) as taken,
       (select count(*) from job
         where state = 'ready' and queue = :queue and priority < :ordinary) as begun";

    pub WAITING = "
select count(*) as waiting
  from (select 1 as one from orders where queue = :queue and state = 'queued' limit :limit) counted";

    pub MADE = "
select made_ms
  from orders
 where sku = :sku and made_ms is not null
 order by number desc
 limit :limit";
}

/// The places of a queue that are taken.
pub fn places_taken(tx: &mut Tx<'_>, queue: &str) -> Result<PlacesTaken, BookError> {
    let params = params! { ":queue" => queue, ":ordinary" => Priority::Ordinary.rank() };
    let row = tx.query_one(&TAKEN, &params)?;
    Ok(PlacesTaken { taken: row.int("taken")?, begun: row.int("begun")? })
}

/// How many orders of a queue have not begun, counted up to `limit`.
pub fn count_waiting(tx: &mut Tx<'_>, queue: &str, limit: i64) -> Result<i64, BookError> {
    tx.query_one(&WAITING, &params! { ":queue" => queue, ":limit" => limit })?.int("waiting")
}

/// How long the latest orders of a row took to make, in milliseconds, the newest first.
pub fn latest_made_ms(tx: &mut Tx<'_>, sku: &str, limit: i64) -> Result<Vec<i64>, BookError> {
    let rows = tx.query(&MADE, &params! { ":sku" => sku, ":limit" => limit })?;
    rows.iter().map(|row| row.int("made_ms")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::temp_sqlite;

    /// They are asked at every order and every claim, however many orders there have been.
    #[test]
    fn old_orders_are_looked_at_by_none_of_these() {
        let fresh = temp_sqlite();
        let path = fresh.url.trim_start_matches("sqlite://");
        let connection = rusqlite::Connection::open(path).expect("the file opens");
        for (sql, index) in
            [(&TAKEN, "orders_at_provider"), (&WAITING, "orders_waiting"), (&MADE, "orders_made")]
        {
            let mut statement = connection
                .prepare(&format!("explain query plan {}", sql.sqlite()))
                .expect("it can be explained");
            let mut rows = statement.raw_query();
            let mut steps: Vec<String> = Vec::new();
            while let Some(row) = rows.next().expect("it can be explained") {
                steps.push(row.get("detail").expect("a step has words"));
            }
            let uses = |name: &str| steps.iter().any(|step| step.contains(name));
            assert!(uses(&format!("INDEX {index}")), "{steps:#?}");
            let scans = steps.iter().any(|step| {
                ["SCAN orders", "SCAN o", "SCAN t", "SCAN job"].contains(&step.as_str())
            });
            assert!(!scans, "{steps:#?}");
        }
    }
}
