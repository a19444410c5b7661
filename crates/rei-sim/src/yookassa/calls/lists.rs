//! Lists: newest first, filtered, page by page. A cursor remembers the last object of its page, so what comes into
//! being between two pages moves nothing.

use axum::extract::Query;
use axum::http::Uri;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::Caller;
use crate::yookassa::moments;
use crate::yookassa::payments::SimPayment;
use crate::yookassa::receipts::SimReceipt;
use crate::yookassa::refunds::SimRefund;
use crate::yookassa::refusals::Refusal;
use crate::yookassa::shelf::HasId;
use crate::yookassa::world::World;

const LIMIT: usize = 10;
const LIMIT_MAX: usize = 100;
const STATUSES: [&str; 4] = ["pending", "waiting_for_capture", "succeeded", "canceled"];

/// One question of a query.
enum Filter {
    /// A moment of the object against a bound.
    Time { field: String, how: String, bound_ms: i64 },
    /// A word of the object.
    Word { field: String, word: String },
}

/// A query, once it has been read.
struct Asked {
    filters: Vec<Filter>,
    limit: usize,
    after: Option<String>,
}

/// What lists ask of an object.
trait Listed: HasId {
    fn shop_id(&self) -> &str;
    fn moment_ms(&self, field: &str) -> Option<i64>;
    fn word(&self, field: &str) -> Option<&str>;
}

/// `GET /payments`
pub(in crate::yookassa) fn payments(
    world: &World,
    caller: &Caller<'_>,
    uri: &Uri,
) -> Result<Value, Refusal> {
    let asked = read(uri, &["created_at", "captured_at"], &["status", "payment_method"])?;
    let pages = &world.settings.pages;
    page(world.payments.all(), caller, &asked, |payment| payment.json(pages))
}

/// `GET /refunds`
pub(in crate::yookassa) fn refunds(
    world: &World,
    caller: &Caller<'_>,
    uri: &Uri,
) -> Result<Value, Refusal> {
    let asked = read(uri, &["created_at"], &["status", "payment_id"])?;
    page(world.refunds.all(), caller, &asked, SimRefund::json)
}

/// `GET /receipts`
pub(in crate::yookassa) fn receipts(
    world: &World,
    caller: &Caller<'_>,
    uri: &Uri,
) -> Result<Value, Refusal> {
    let asked = read(uri, &["created_at"], &["status", "payment_id", "refund_id"])?;
    page(world.receipts.all(), caller, &asked, SimReceipt::json)
}

fn page<T: Listed>(
    all: &[T],
    caller: &Caller<'_>,
    asked: &Asked,
    show: impl Fn(&T) -> Value,
) -> Result<Value, Refusal> {
    let start = match &asked.after {
        None => all.len(),
        Some(id) => {
            let at = all.iter().rposition(|item| item.id() == id);
            at.ok_or_else(|| Refusal::invalid("cursor", "unknown cursor"))?
        }
    };
    let mut fitting = all[..start].iter().rev().filter(|item| {
        item.shop_id() == caller.shop_id && asked.filters.iter().all(|filter| filter.fits(*item))
    });
    let items: Vec<&T> = fitting.by_ref().take(asked.limit).collect();
    let mut json = json!({
        "type": "list", "items": items.iter().map(|item| show(item)).collect::<Vec<_>>(),
    });
    if let Some(last) = items.last().filter(|_| fitting.next().is_some()) {
        json["next_cursor"] = URL_SAFE_NO_PAD.encode(last.id()).into();
    }
    Ok(json)
}

fn read(uri: &Uri, times: &[&str], words: &[&str]) -> Result<Asked, Refusal> {
    let pairs = Query::<Vec<(String, String)>>::try_from_uri(uri);
    let pairs = pairs.map_err(|_| Refusal::invalid("query", "it is malformed"))?.0;
    let mut asked = Asked { filters: Vec::new(), limit: LIMIT, after: None };
    for (name, value) in pairs {
        let refuse = |words: &str| Refusal::invalid(&name, words);
        match name.split_once('.') {
            Some((field, how @ ("gte" | "gt" | "lte" | "lt"))) if times.contains(&field) => {
                let bound_ms =
                    moments::read(&value).ok_or_else(|| refuse("a moment is expected"))?;
                let (field, how) = (field.to_owned(), how.to_owned());
                asked.filters.push(Filter::Time { field, how, bound_ms });
            }
            None if name == "limit" => {
                let limit = value.parse().ok().filter(|limit| (1..=LIMIT_MAX).contains(limit));
                asked.limit = limit.ok_or_else(|| refuse("1 to 100 is expected"))?;
            }
            None if name == "cursor" => {
                let id = URL_SAFE_NO_PAD.decode(&value).ok();
                let id = id.and_then(|id| String::from_utf8(id).ok());
                asked.after = Some(id.ok_or_else(|| refuse("unknown cursor"))?);
            }
            None if name == "status" && !STATUSES.contains(&value.as_str()) => {
                return Err(refuse("unknown status"));
            }
            None if words.contains(&name.as_str()) => {
                asked.filters.push(Filter::Word { field: name, word: value });
            }
            _ => return Err(refuse("unknown parameter")),
        }
    }
    Ok(asked)
}

impl Filter {
    fn fits<T: Listed>(&self, item: &T) -> bool {
        match self {
            Self::Word { field, word } => item.word(field) == Some(word),
            Self::Time { field, how, bound_ms } => {
                item.moment_ms(field).is_some_and(|at_ms| match how.as_str() {
                    "gte" => at_ms >= *bound_ms,
                    "gt" => at_ms > *bound_ms,
                    "lte" => at_ms <= *bound_ms,
                    _ => at_ms < *bound_ms,
                })
            }
        }
    }
}

impl Listed for SimPayment {
    fn shop_id(&self) -> &str {
        &self.shop_id
    }

    fn moment_ms(&self, field: &str) -> Option<i64> {
        if field == "captured_at" { self.captured_ms } else { Some(self.created_ms) }
    }

    fn word(&self, field: &str) -> Option<&str> {
        match field {
            "status" => Some(self.status.word()),
            _ => self.method.map(|method| method.word()),
        }
    }
}

impl Listed for SimRefund {
    fn shop_id(&self) -> &str {
        &self.shop_id
    }

    fn moment_ms(&self, _field: &str) -> Option<i64> {
        Some(self.created_ms)
    }

    fn word(&self, field: &str) -> Option<&str> {
        match field {
            "status" => Some(self.status.word()),
            _ => Some(&self.payment_id),
        }
    }
}

impl Listed for SimReceipt {
    fn shop_id(&self) -> &str {
        &self.shop_id
    }

    fn moment_ms(&self, _field: &str) -> Option<i64> {
        Some(self.created_ms)
    }

    fn word(&self, field: &str) -> Option<&str> {
        match field {
            "status" => Some(self.registration.word()),
            "payment_id" => self.payment_id.as_deref(),
            _ => self.refund_id.as_deref(),
        }
    }
}
