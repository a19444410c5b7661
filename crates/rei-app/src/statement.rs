//! A customer's latest transfers in human words.

use rei_domain::ids::CustomerId;
use rei_domain::ledger::{Account, Money, Phase, Transfer, TransferKind};
use rei_domain::money::Kopecks;
use rei_storage::{BookError, Tx, ledger};
use rei_texts::{Lang, Text};

/// Lines of one statement.
const LINES_MAX: usize = 15;

/// Telegram HTML, newest line first.
pub(crate) fn statement(
    tx: &mut Tx<'_>,
    customer: CustomerId,
    lang: Lang,
) -> Result<String, BookError> {
    let page = ledger::statement(tx, customer, None, LINES_MAX)?;
    if page.transfers.is_empty() {
        return Ok(Text::StatementEmpty {}.html(lang));
    }
    let mut lines = vec![Text::StatementHead {}.html(lang)];
    lines.extend(page.transfers.iter().map(|transfer| line(transfer, customer, lang)));
    Ok(lines.join("\n"))
}

fn line(transfer: &Transfer, customer: CustomerId, lang: Lang) -> String {
    let what = match (transfer.phase, transfer.kind) {
        (Phase::Hold, _) => Text::StatementHold {},
        (Phase::Capture, _) => Text::StatementCapture {},
        (Phase::Void | Phase::Expire, _) => Text::StatementRelease {},
        (Phase::Post, TransferKind::Topup) => Text::StatementTopup {},
        (Phase::Post, TransferKind::Grant | TransferKind::Gift | TransferKind::Promo) => {
            Text::StatementGrant {}
        }
        (Phase::Post, _) => Text::StatementOther {},
    };
    let sum = match transfer.amount {
        Money::Rub(sum) => sum,
        Money::Usd(_) => Kopecks::ZERO,
    };
    let taken = matches!(transfer.debit, Account::Customer(owner, _) if owner == customer)
        && matches!(transfer.phase, Phase::Hold | Phase::Capture | Phase::Post);
    let sum = if taken { format!("−{sum}") } else { format!("+{sum}") };
    Text::StatementLine { date: transfer.at.date_utc(), sum, what: what.plain(lang) }.html(lang)
}
