//! What goes into a statement.

use rei_domain::clock::Timestamp;
use rei_domain::ids::{
    AttemptId, ChatId, CustomerId, JobId, MessageId, NoticeId, OffsetId, OrderId, OutboxId,
    PaymentId, QuoteId, ReconciliationId, RefundId, TransferId, UpdateId, UploadId,
};
use rei_domain::money::{Kopecks, MicroUsd};

/// Parameters for a statement: `params! { ":id" => order, ":now" => now }`.
#[macro_export]
macro_rules! params {
    ($($name:literal => $value:expr),* $(,)?) => {
        [$(($name, $crate::Value::from($value))),*] as [(&'static str, $crate::Value); _]
    };
}

/// Something that goes into the book or comes out of it.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Nothing.
    Null,
    /// A whole number; also times, sums and yes or no.
    Int(i64),
    /// Text.
    Text(String),
    /// Bytes; also ids.
    Blob(Vec<u8>),
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

macro_rules! value_from {
    ($($from:ty => |$value:ident| $into:expr),+ $(,)?) => {$(
        impl From<$from> for Value {
            fn from($value: $from) -> Self {
                $into
            }
        }
    )+};
}

value_from! {
    i64 => |value| Self::Int(value),
    bool => |value| Self::Int(i64::from(value)),
    &str => |value| Self::Text(value.to_owned()),
    String => |value| Self::Text(value),
    &[u8] => |value| Self::Blob(value.to_owned()),
    Vec<u8> => |value| Self::Blob(value),
    Timestamp => |value| Self::Int(value.millis()),
    Kopecks => |value| Self::Int(value.get()),
    MicroUsd => |value| Self::Int(value.0),
    CustomerId => |value| Self::Int(value.0),
    ChatId => |value| Self::Int(value.0),
    MessageId => |value| Self::Int(value.0),
    UpdateId => |value| Self::Int(value.0),
    OrderId => |value| Self::Blob(value.as_bytes().to_owned()),
    TransferId => |value| Self::Blob(value.as_bytes().to_owned()),
    JobId => |value| Self::Blob(value.as_bytes().to_owned()),
    AttemptId => |value| Self::Blob(value.as_bytes().to_owned()),
    QuoteId => |value| Self::Blob(value.as_bytes().to_owned()),
    UploadId => |value| Self::Blob(value.as_bytes().to_owned()),
    PaymentId => |value| Self::Blob(value.as_bytes().to_owned()),
    RefundId => |value| Self::Blob(value.as_bytes().to_owned()),
    OffsetId => |value| Self::Blob(value.as_bytes().to_owned()),
    NoticeId => |value| Self::Blob(value.as_bytes().to_owned()),
    ReconciliationId => |value| Self::Blob(value.as_bytes().to_owned()),
    OutboxId => |value| Self::Blob(value.as_bytes().to_owned()),
}
