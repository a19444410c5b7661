//! Money of a span of time, from the transfers themselves.

use rei_domain::money::{Kopecks, MicroUsd};

use super::{Span, floor_id};
use crate::{BookError, Tx, params, statements};

/// The most days of a list.
const DAYS_MAX: i64 = 400;

/// What moved in a span of time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MoneyFigures {
    /// Orders paid from customers' own money, less what of it went back into their wallets.
    pub revenue: Kopecks,
    /// Orders paid from bonus, less what went back: given away, no revenue.
    pub given_away: Kopecks,
    /// Bonus that was handed out.
    pub bonus: Kopecks,
    /// Paid back to cards and Stars: by us, past us, and by banks.
    pub paid_back: Kopecks,
    /// What payment systems kept.
    pub fees: Kopecks,
    /// What customers paid in.
    pub topups: Kopecks,
    /// In how many payments.
    pub topups_count: i64,
    /// What providers' work cost, results that came too late included.
    pub cost: MicroUsd,
}

/// A day in UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Day {
    /// Its number, counted from 1970-01-01.
    pub day: i64,
    /// Its revenue, as in [`MoneyFigures`].
    pub revenue: Kopecks,
    /// How many orders were placed.
    pub orders: i64,
}

statements! {
    pub MONEY = "
select cast(coalesce(sum(case when phase = 'capture' and kind = 'order' and debit like 'customer:%:cash' then amount
                              when kind = 'refund' and debit like 'revenue:%' and credit like '%:cash' then -amount
                         end), 0) as bigint) as revenue,
       cast(coalesce(sum(case when phase = 'capture' and kind = 'order' and debit like 'customer:%:bonus' then amount
                              when kind = 'refund' and debit like 'revenue:%' and credit like '%:bonus' then -amount
                         end), 0) as bigint) as given_away,
       cast(coalesce(sum(case when debit = 'expense:promo' then amount end), 0) as bigint) as bonus,
       cast(coalesce(sum(case when kind in ('refund', 'foreign_refund', 'chargeback') and credit like 'clearing:%'
                              then amount end), 0) as bigint) as paid_back,
       cast(coalesce(sum(case when kind = 'fee' then amount end), 0) as bigint) as fees,
       cast(coalesce(sum(case when kind = 'topup' then amount end), 0) as bigint) as topups,
       count(case when kind = 'topup' then 1 end) as topups_count,
       cast(coalesce(sum(case when kind in ('cost', 'late_loss') and credit like 'payable:%' then amount end), 0)
            as bigint) as cost
  from transfer
 where id >= :from and id < :upto and phase in ('post', 'capture')";

    pub REVENUE_BY_DAY = "
select at / 86400000 as day,
       cast(coalesce(sum(case when phase = 'capture' and debit like 'customer:%:cash' then amount
                              when phase = 'post' and debit like 'revenue:%' and credit like '%:cash' then -amount
                         end), 0) as bigint) as revenue
  from transfer
 where id >= :from and id < :upto and phase in ('post', 'capture') and kind in ('order', 'refund')
 group by at / 86400000
 order by day
 limit :limit";

    pub ORDERS_BY_DAY = "
select placed_at / 86400000 as day, count(*) as orders
  from orders
 where id >= :from and id < :upto
 group by placed_at / 86400000
 order by day
 limit :limit";
}

/// What moved in a span of time.
pub fn money(tx: &mut Tx<'_>, span: Span) -> Result<MoneyFigures, BookError> {
    let params = params! { ":from" => floor_id(span.from), ":upto" => floor_id(span.upto) };
    let row = tx.query_one(&MONEY, &params)?;
    let sum = |column: &str| row.int(column).map(Kopecks::new);
    Ok(MoneyFigures {
        revenue: sum("revenue")?,
        given_away: sum("given_away")?,
        bonus: sum("bonus")?,
        paid_back: sum("paid_back")?,
        fees: sum("fees")?,
        topups: sum("topups")?,
        topups_count: row.int("topups_count")?,
        cost: MicroUsd(row.int("cost")?),
    })
}

/// Every day that a span touches, in order, also those on which nothing happened; the first 400 at most.
pub fn days(tx: &mut Tx<'_>, span: Span) -> Result<Vec<Day>, BookError> {
    const DAY_MS: i64 = 86_400_000;
    let first = span.from.millis().div_euclid(DAY_MS);
    let last = (span.upto.millis() - 1).div_euclid(DAY_MS).min(first + DAYS_MAX - 1);
    let mut days: Vec<Day> = (first..=last).map(|day| Day { day, ..Day::default() }).collect();
    let mut each =
        |statement, put: &dyn Fn(&mut Day, i64), column: &str| -> Result<(), BookError> {
            let params = params! {
                ":from" => floor_id(span.from), ":upto" => floor_id(span.upto), ":limit" => DAYS_MAX
            };
            for row in tx.query(statement, &params)? {
                let at = usize::try_from(row.int("day")? - first).ok();
                if let Some(day) = at.and_then(|at| days.get_mut(at)) {
                    put(day, row.int(column)?);
                }
            }
            Ok(())
        };
    each(&REVENUE_BY_DAY, &|day, sum| day.revenue = Kopecks::new(sum), "revenue")?;
    each(&ORDERS_BY_DAY, &|day, count| day.orders = count, "orders")?;
    Ok(days)
}
