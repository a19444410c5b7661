//! How the work of a span of time went: models, ways to pay, and how long customers waited.

use super::{Span, floor_id};
use crate::{BookError, Tx, params, statements};

/// Orders of one row of the catalogue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelFigures {
    /// The catalogue's key.
    pub sku: String,
    /// All that were placed.
    pub placed: i64,
    /// Those that were made in time.
    pub made: i64,
    /// Those that came to nothing, whoever was to blame; what customers stopped is not among them.
    pub lost: i64,
}

/// Payments of one way to pay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RailFigures {
    /// `yookassa`, `stars`.
    pub rail: String,
    /// Those that were paid.
    pub paid: i64,
    /// Those that were not, and will not be.
    pub lost: i64,
}

/// From the order to the original, in milliseconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaitFigures {
    /// Whether these are videos; else pictures.
    pub is_video: bool,
    /// Half of the customers waited no longer.
    pub p50_ms: i64,
    /// 95 of 100 customers waited no longer.
    pub p95_ms: i64,
}

statements! {
    pub MODELS = "
select sku,
       count(*) as placed,
       count(case when state in ('ready', 'delivering', 'delivered') then 1 end) as made,
       count(case when state in ('refused', 'failed', 'expired', 'gifted') then 1 end) as lost
  from orders
 where id >= :from and id < :upto
 group by sku
 order by placed desc, sku
 limit :limit";

    pub RAILS = "
select rail,
       count(case when state = 'paid' then 1 end) as paid,
       count(case when state in ('cancelled', 'review') then 1 end) as lost
  from payment
 where id >= :from and id < :upto
 group by rail
 order by rail";

    pub WAITS = "
select is_video,
       min(case when place * 100 >= total * 50 then took_ms end) as p50_ms,
       min(case when place * 100 >= total * 95 then took_ms end) as p95_ms
  from (select is_video, took_ms,
               row_number() over (partition by is_video order by took_ms) as place,
               count(*) over (partition by is_video) as total
          from (select case when kind in ('image', 'edit') then 0 else 1 end as is_video,
                       state_at - placed_at as took_ms
                  from orders
                 where id >= :from and id < :upto and state = 'delivered') as waited) as ranked
 group by is_video
 order by is_video";
}

/// Orders by the catalogue's rows, those with the most first.
pub fn models(tx: &mut Tx<'_>, span: Span, limit: i64) -> Result<Vec<ModelFigures>, BookError> {
    let params = params! {
        ":from" => floor_id(span.from), ":upto" => floor_id(span.upto), ":limit" => limit
    };
    let rows = tx.query(&MODELS, &params)?;
    rows.iter()
        .map(|row| {
            Ok(ModelFigures {
                sku: row.text("sku")?,
                placed: row.int("placed")?,
                made: row.int("made")?,
                lost: row.int("lost")?,
            })
        })
        .collect()
}

/// Payments by the way they were paid.
pub fn rails(tx: &mut Tx<'_>, span: Span) -> Result<Vec<RailFigures>, BookError> {
    let params = params! { ":from" => floor_id(span.from), ":upto" => floor_id(span.upto) };
    let rows = tx.query(&RAILS, &params)?;
    rows.iter()
        .map(|row| {
            Ok(RailFigures {
                rail: row.text("rail")?,
                paid: row.int("paid")?,
                lost: row.int("lost")?,
            })
        })
        .collect()
}

/// How long customers waited for what they have got by now: pictures, then videos.
pub fn waits(tx: &mut Tx<'_>, span: Span) -> Result<Vec<WaitFigures>, BookError> {
    let params = params! { ":from" => floor_id(span.from), ":upto" => floor_id(span.upto) };
    let rows = tx.query(&WAITS, &params)?;
    rows.iter()
        .map(|row| {
            Ok(WaitFigures {
                is_video: row.int("is_video")? != 0,
                p50_ms: row.int("p50_ms")?,
                p95_ms: row.int("p95_ms")?,
            })
        })
        .collect()
}
