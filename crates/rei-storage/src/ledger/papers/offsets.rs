//! Offset receipts hand over no more than was paid.

use rei_domain::ledger::{Finding, Findings};

use crate::{BookError, Tx, payments};

pub(super) fn check(tx: &mut Tx<'_>, findings: &mut Findings) -> Result<(), BookError> {
    for over in payments::over_offset(tx)? {
        let why = format!(
            "has offset receipts over {} kopecks, and {} were paid",
            over.offset.get(),
            over.paid.get()
        );
        findings.add(Finding::PaymentDiffers { number: over.number, why });
    }
    Ok(())
}
