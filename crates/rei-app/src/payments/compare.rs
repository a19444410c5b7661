//! The book beside what a payment system says, object by object: by its name there and by the sum, in both directions.

use std::collections::BTreeMap;

use rei_domain::clock::Timestamp;
use rei_domain::ledger::Rail;
use rei_domain::money::Kopecks;
use rei_storage::payments::ClearingRow;
use serde::{Deserialize, Serialize};

use super::rail::{Movement, MovementKind};

/// What differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// In which way.
    pub difference: Difference,
    /// A payment or a refund.
    pub what: What,
    /// The payment system's name for it; for money that an admin says was returned, the payment's.
    pub id: String,
    /// The payment system's sum; none when it is not in rubles.
    pub theirs: Option<Kopecks>,
    /// The book's sum.
    pub book: Kopecks,
}

/// In which way something differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Difference {
    /// The book does not have it.
    Missing,
    /// The payment system does not have it.
    Extra,
    /// Both have it, with other sums.
    DifferentSum,
    /// Offset receipts hand over more than was paid; `theirs` is the payment, `book` the receipts.
    OverOffset,
}

/// What moves money.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// It comes.
    Payment,
    /// It goes back.
    Refund,
}

impl What {
    /// Its word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Payment => "payment",
            Self::Refund => "refund",
        }
    }
}

impl Finding {
    /// What the payment system has more than the book because of it; below zero when it has less.
    pub fn sum(&self) -> Kopecks {
        if self.difference == Difference::OverOffset {
            return Kopecks::ZERO;
        }
        let more = self.theirs.unwrap_or_default().get() - self.book.get();
        Kopecks::new(match self.what {
            What::Payment => more,
            What::Refund => -more,
        })
    }
}

/// The names under which the book may have something.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Name {
    /// A payment.
    Payment(String),
    /// A refund.
    Refund(String),
    /// Money that was nobody's and that an admin says was returned, by its payment: the refund's name is not known.
    Returned(String),
}

impl Name {
    pub(super) const fn what(&self) -> What {
        match self {
            Self::Payment(_) => What::Payment,
            Self::Refund(_) | Self::Returned(_) => What::Refund,
        }
    }

    pub(super) fn id(&self) -> &str {
        let (Self::Payment(id) | Self::Refund(id) | Self::Returned(id)) = self;
        id
    }

    /// What a transfer's key says: `<rail>:<name there>:<step>:<leg>`; a hold of ours that became a refund names it
    /// apart.
    fn of(rail: Rail, row: &ClearingRow) -> Self {
        if let Some(refund) = &row.refund {
            return Self::Refund(refund.clone());
        }
        let named = row.key.strip_prefix(rail.as_str()).and_then(|rest| rest.strip_prefix(':'));
        let mut parts = named.unwrap_or(&row.key).rsplitn(3, ':');
        let (_leg, step, name) = (parts.next(), parts.next(), parts.next());
        match (step, name) {
            (Some("topup" | "unknown"), Some(name)) => Self::Payment(name.to_owned()),
            (Some("foreign-refund"), Some(name)) => Self::Refund(name.to_owned()),
            (Some("returned"), Some(name)) => Self::Returned(name.to_owned()),
            // Whatever it is, no payment system can have it.
            _ => Self::Refund(row.key.clone()),
        }
    }
}

/// Something that the book has, with what it moved and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) amount: Kopecks,
    pub(super) at: Timestamp,
}

/// What the book says about a payment system, by the names there.
#[derive(Clone, Debug, Default)]
pub(super) struct BookSide(BTreeMap<Name, Entry>);

impl BookSide {
    pub(super) fn new(rail: Rail, rows: &[ClearingRow]) -> Self {
        let mut entries: BTreeMap<Name, Entry> = BTreeMap::new();
        for row in rows {
            let entry = Entry { amount: row.amount, at: row.at };
            entries
                .entry(Name::of(rail, row))
                .and_modify(|known| known.amount = [known.amount, row.amount].into_iter().sum())
                .or_insert(entry);
        }
        Self(entries)
    }

    /// Under which name and with which sum the book has it.
    pub(super) fn find(&self, kind: &MovementKind) -> Option<(&Name, &Entry)> {
        match kind {
            MovementKind::Payment { provider_id, .. } => {
                self.0.get_key_value(&Name::Payment(provider_id.clone()))
            }
            MovementKind::Refund { provider_id, payment, .. } => {
                let refund = self.0.get_key_value(&Name::Refund(provider_id.clone()));
                refund.or_else(|| self.0.get_key_value(&Name::Returned(payment.clone())))
            }
        }
    }

    /// What the book has under a name.
    pub(super) fn get(&self, name: &Name) -> Option<Kopecks> {
        self.0.get(name).map(|entry| entry.amount)
    }

    /// What was booked in a time.
    pub(super) fn within(
        &self,
        from: Timestamp,
        upto: Timestamp,
    ) -> impl Iterator<Item = (&Name, &Entry)> {
        self.0.iter().filter(move |(_, entry)| (from..upto).contains(&entry.at))
    }
}

/// What the payment system says of the very things that the book has, by the book's names.
pub(super) fn theirs_by_name(
    book: &BookSide,
    theirs: &[Movement],
) -> BTreeMap<Name, Option<Kopecks>> {
    let mut sums: BTreeMap<Name, Option<Kopecks>> = BTreeMap::new();
    for movement in theirs.iter().filter(|movement| movement.is_done) {
        let Some((name, _)) = book.find(&movement.kind) else { continue };
        // Money that was nobody's may have been returned in parts.
        sums.entry(name.clone())
            .and_modify(|sum| *sum = sum.zip(movement.amount).and_then(|(a, b)| a.checked_add(b)))
            .or_insert(movement.amount);
    }
    sums
}

impl Movement {
    /// What it is.
    pub(super) const fn what(&self) -> What {
        match self.kind {
            MovementKind::Payment { .. } => What::Payment,
            MovementKind::Refund { .. } => What::Refund,
        }
    }

    /// The payment system's name for it.
    pub(super) fn name(&self) -> &str {
        let (MovementKind::Payment { provider_id, .. } | MovementKind::Refund { provider_id, .. }) =
            &self.kind;
        provider_id
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(key: &str, refund: Option<&str>) -> ClearingRow {
        ClearingRow {
            key: key.to_owned(),
            refund: refund.map(str::to_owned),
            amount: Kopecks::from_rubles(5),
            at: Timestamp(1),
        }
    }

    #[test]
    fn transfers_are_found_under_the_names_of_the_payment_system() {
        let name = |key, refund| Name::of(Rail::YooKassa, &row(key, refund));
        assert_eq!(name("yookassa:p-1:topup:0", None), Name::Payment("p-1".to_owned()));
        assert_eq!(name("yookassa:p-1:unknown:0", None), Name::Payment("p-1".to_owned()));
        assert_eq!(name("yookassa:r-1:foreign-refund:0", None), Name::Refund("r-1".to_owned()));
        assert_eq!(name("yookassa:p-1:returned:0", None), Name::Returned("p-1".to_owned()));
        assert_eq!(name("x:capture:0", Some("r-2")), Name::Refund("r-2".to_owned()));
        let stars = Name::of(Rail::Stars, &row("stars:a:b:topup:0", None));
        assert_eq!(stars, Name::Payment("a:b".to_owned()));
        assert_eq!(name("nonsense", None), Name::Refund("nonsense".to_owned()));
    }

    #[test]
    fn what_is_missing_counts_for_them_and_what_is_extra_against() {
        let finding = |what, theirs, book| Finding {
            difference: Difference::DifferentSum,
            what,
            id: "x".to_owned(),
            theirs: Some(Kopecks::from_rubles(theirs)),
            book: Kopecks::from_rubles(book),
        };
        assert_eq!(finding(What::Payment, 5, 0).sum(), Kopecks::from_rubles(5));
        assert_eq!(finding(What::Payment, 0, 5).sum(), Kopecks::new(-500));
        assert_eq!(finding(What::Refund, 5, 2).sum(), Kopecks::new(-300));
    }
}
