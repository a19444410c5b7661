//! Offset receipts hand over no more than was paid.

use rei_domain::ledger::{Finding, Findings};

use crate::payments::{self, OverOffset};
use crate::{BookError, Tx};

use super::note;

pub(super) fn check(tx: &mut Tx<'_>, findings: &mut Findings) -> Result<(), BookError> {
    for (number, over) in payments::over_offset_by_number(tx)? {
        let problem = over.map(|over| Some(problem(&over)));
        note(findings, "payment", number, problem, |why| Finding::PaymentDiffers { number, why });
    }
    Ok(())
}

fn problem(over: &OverOffset) -> String {
    format!(
        "has offset receipts over {} kopecks, and {} were paid",
        over.offset.get(),
        over.paid.get()
    )
}
