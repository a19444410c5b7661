//! An invoice in Stars and what is paid for it: made from a payment's row, and judged against it.

use rei_domain::ids::{CustomerId, PaymentId};
use rei_domain::ledger::Rail;
use rei_domain::money::Kopecks;
use rei_storage::payments::PaymentRow;
use rei_telegram::{CreateInvoiceLink, STARS, limits};

use super::rail::{Ask, Looked, Paid};

/// What a star is worth when no rate is set: also Stars that are nobody's must be booked as something.
pub(super) const UNIT_UNTOLD: Kopecks = Kopecks::from_rubles(1);
/// Characters of an invoice's title.
const TITLE_MAX: usize = 32;
/// Characters of an invoice's description.
const DESCRIPTION_MAX: usize = 255;

/// Stars that were paid, whoever told of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Came<'a> {
    /// Who paid.
    pub payer: Option<CustomerId>,
    /// `XTR` for Stars.
    pub currency: &'a str,
    /// How many.
    pub stars: i64,
    /// Telegram's name for the payment.
    pub charge: &'a str,
}

/// The invoice of a payment.
pub(super) fn invoice(ask: &Ask<'_>, unit: Kopecks) -> Result<CreateInvoiceLink, String> {
    let stars = ask.units.filter(|stars| *stars > 0 && worth(unit, *stars) == Some(ask.amount));
    let stars = stars.ok_or_else(|| "the sum is not a number of whole Stars".to_owned())?;
    if ask.description.is_empty() {
        return Err("an invoice without words".to_owned());
    }
    let title = limits::clip(ask.description, TITLE_MAX);
    let description = limits::clip(ask.description, DESCRIPTION_MAX);
    Ok(CreateInvoiceLink::in_stars(title, description, payload(ask.id, ask.amount), stars))
}

/// What comes back with the money. It names the payment, and what is credited: a list that is read after the rate was
/// changed still adds up.
fn payload(id: PaymentId, amount: Kopecks) -> String {
    format!("{id}:{}", amount.get())
}

/// The payment that a payload names.
pub(super) fn payment_of(payload: &str) -> Option<PaymentId> {
    payload.split(':').next()?.parse().ok()
}

/// What a payload says is credited.
pub(super) fn amount_of(payload: &str) -> Option<Kopecks> {
    payment_of(payload)?;
    let amount = payload.split(':').nth(1)?.parse().ok().map(Kopecks::new)?;
    amount.is_positive().then_some(amount)
}

/// So many Stars in rubles.
pub(super) fn worth(unit: Kopecks, stars: i64) -> Option<Kopecks> {
    unit.checked_mul(stars).filter(|sum| sum.is_positive())
}

/// What Stars that are nobody's are booked as.
pub(super) fn booked_as(unit: Option<Kopecks>, came: &Came<'_>) -> Option<Kopecks> {
    (came.currency == STARS).then(|| worth(unit.unwrap_or(UNIT_UNTOLD), came.stars)).flatten()
}

/// What Stars that came with a payment's payload mean for its row.
pub(super) fn judge(row: &PaymentRow, came: &Came<'_>) -> Looked {
    let provider_id = came.charge.to_owned();
    let differs = |why| {
        // The rate of the day on which the invoice was made.
        let unit = row.units.and_then(|units| row.amount.get().checked_div(units));
        let amount = booked_as(unit.map(Kopecks::new), came);
        Looked::Differs { provider_id: provider_id.clone(), amount, why }
    };
    if row.rail != Rail::Stars {
        return differs("rail");
    }
    if came.currency != STARS {
        return differs("currency");
    }
    if came.payer != Some(row.customer) {
        return differs("payer");
    }
    if row.units != Some(came.stars) {
        return differs("amount");
    }
    // Telegram keeps nothing of a payment; what a star is worth to the owner shows when Stars are withdrawn.
    Looked::Paid(Paid { provider_id, amount: row.amount, fee: None, receipt: None })
}
