//! Lists, page by page, newest first: how lost payments and foreign refunds are found.

use rei_domain::clock::Timestamp;
use reqwest::Url;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use super::YooKassa;
use super::errors::{CallError, Complaint};
use super::wire::Call;
use crate::moment;
use crate::objects::{Payment, ProviderPaymentId, ReceiptState, Refund};

/// Objects on one page; the API gives 100 at most.
const PAGE_ITEMS: &str = "100";
/// The largest page, in bytes.
const LIST_MAX_BYTES: usize = 1024 * 1024;
/// The longest cursor that is believed.
const CURSOR_MAX: usize = 1024;

/// The objects that were created in a stretch of time, from one page on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListWindow {
    /// The first moment.
    pub created_gte: Timestamp,
    /// The first moment after it.
    pub created_lt: Timestamp,
    /// [`Page::next`] of the page before; none for the first.
    pub cursor: Option<String>,
}

/// Which refunds are asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RefundQuery {
    /// Those created in a stretch of time.
    Window(ListWindow),
    /// Those of one payment.
    OfPayment {
        /// The payment.
        payment: ProviderPaymentId,
        /// [`Page::next`] of the page before; none for the first.
        cursor: Option<String>,
    },
}

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// The objects, newest first.
    pub items: Vec<T>,
    /// How many more were there that could not be read: sums of an unknown form, for one. Tell the owner.
    pub unreadable: usize,
    /// Where the next page begins; none at the end.
    pub next: Option<String>,
}

#[derive(Deserialize)]
struct RawPage<'a> {
    #[serde(borrow)]
    items: Vec<&'a RawValue>,
    next_cursor: Option<String>,
}

impl YooKassa {
    /// A page of payments.
    ///
    /// # Errors
    /// [`CallError`]: what to do next.
    pub async fn payments(&self, window: &ListWindow) -> Result<Page<Payment>, CallError> {
        let mut url = self.list("payments");
        add_window(&mut url, window)?;
        self.call("payments", &Call::Get(url), LIST_MAX_BYTES, read).await
    }

    /// A page of refunds.
    ///
    /// # Errors
    /// [`CallError`]: what to do next.
    pub async fn refunds(&self, query: &RefundQuery) -> Result<Page<Refund>, CallError> {
        let mut url = self.list("refunds");
        match query {
            RefundQuery::Window(window) => add_window(&mut url, window)?,
            RefundQuery::OfPayment { payment, cursor } => {
                url.query_pairs_mut().append_pair("payment_id", payment.as_str());
                add_cursor(&mut url, cursor.as_deref());
            }
        }
        self.call("refunds", &Call::Get(url), LIST_MAX_BYTES, read).await
    }

    /// A page of the receipts that were sent apart from this payment, and of its own.
    ///
    /// # Errors
    /// [`CallError`]: what to do next.
    pub async fn receipts(
        &self,
        payment: &ProviderPaymentId,
        cursor: Option<&str>,
    ) -> Result<Page<ReceiptState>, CallError> {
        let mut url = self.list("receipts");
        url.query_pairs_mut().append_pair("payment_id", payment.as_str());
        add_cursor(&mut url, cursor);
        self.call("receipts", &Call::Get(url), LIST_MAX_BYTES, read).await
    }

    fn list(&self, path: &str) -> Url {
        let mut url = self.url(&[path]);
        url.query_pairs_mut().append_pair("limit", PAGE_ITEMS);
        url
    }
}

fn add_window(url: &mut Url, window: &ListWindow) -> Result<(), CallError> {
    let moment = |moment| {
        moment::print(moment).ok_or_else(|| CallError::Bug(Complaint::ours("moment_malformed")))
    };
    let (from, to) = (moment(window.created_gte)?, moment(window.created_lt)?);
    url.query_pairs_mut().append_pair("created_at.gte", &from).append_pair("created_at.lt", &to);
    add_cursor(url, window.cursor.as_deref());
    Ok(())
}

fn add_cursor(url: &mut Url, cursor: Option<&str>) {
    if let Some(cursor) = cursor {
        url.query_pairs_mut().append_pair("cursor", cursor);
    }
}

/// Reads a page. One strange object does not hide the others.
fn read<T: DeserializeOwned>(body: &[u8]) -> serde_json::Result<Page<T>> {
    let raw: RawPage<'_> = serde_json::from_slice(body)?;
    let found = raw.items.len();
    let items: Vec<T> =
        raw.items.into_iter().filter_map(|item| serde_json::from_str(item.get()).ok()).collect();
    let next = raw.next_cursor.filter(|cursor| !cursor.is_empty());
    if next.as_ref().is_some_and(|cursor| cursor.len() > CURSOR_MAX) {
        return Err(serde::de::Error::custom("the cursor is too long"));
    }
    Ok(Page { unreadable: found - items.len(), items, next })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_strange_object_does_not_hide_the_others() {
        let body = br#"{"type":"list","items":[1,"x",{"a":2},3],"next_cursor":"c1","new":{}}"#;
        let page: Page<u8> = read(body).expect("a page");
        assert_eq!((page.items, page.unreadable), (vec![1, 3], 2));
        assert_eq!(page.next.as_deref(), Some("c1"));
    }

    #[test]
    fn the_last_page_has_no_successor() {
        for body in [&b"{\"items\":[]}"[..], b"{\"items\":[],\"next_cursor\":\"\"}"] {
            assert_eq!(read::<u8>(body).expect("a page").next, None);
        }
        assert!(read::<u8>(b"{\"type\":\"list\"}").is_err(), "a page without items is no page");
        let long = format!("{{\"items\":[],\"next_cursor\":\"{}\"}}", "c".repeat(CURSOR_MAX + 1));
        assert!(read::<u8>(long.as_bytes()).is_err());
    }
}
