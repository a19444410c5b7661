//! The receipts of payments, and those that follow a prepayment.

use bytes::Bytes;
use rei_storage::payments::{OffsetRow, PaymentRow};
use rei_yookassa::CallError;
use rei_yookassa::bodies::{Customer, OffsetReceipt, Receipt};
use rei_yookassa::objects::{ProviderReceiptId, ReceiptState, Registration};

use super::{PAGES_MAX, YooKassaRail, failed, payment_name, warn_unreadable};
use crate::payments::rail::{OffsetAsk, OffsetLooked, RailError, Receipts};

impl YooKassaRail {
    pub(super) fn receipt(
        &self,
        description: &str,
        email: Option<&str>,
    ) -> Result<Option<Receipt>, String> {
        let (Some(receipts), Some(email)) = (&self.rules.receipts, email) else { return Ok(None) };
        let customer = Customer::by_email(email).map_err(|error| error.to_string())?;
        let form = receipts.form.clone();
        Ok(Some(Receipt { form, customer, item: description.to_owned() }))
    }

    pub(super) fn receipts_made(&self) -> Receipts {
        match &self.rules.receipts {
            None => Receipts::None,
            Some(rules) if rules.form.mode.needs_offset() => Receipts::Prepayment,
            Some(_) => Receipts::Full,
        }
    }

    pub(super) fn offset_body(&self, ask: &OffsetAsk<'_>) -> Result<Vec<u8>, String> {
        let payment = payment_name(ask.payment).ok_or("the payment has no name at YooKassa")?;
        let receipt = self.receipt(ask.item, Some(ask.email))?.ok_or("receipts are off")?;
        let offset = OffsetReceipt { payment, amount: ask.amount, receipt };
        offset.to_body().map_err(|error| error.to_string())
    }

    pub(super) async fn create_offset(
        &self,
        payment: &PaymentRow,
        row: &OffsetRow,
    ) -> Result<OffsetLooked, RailError> {
        let body = Bytes::from(row.request.clone().unwrap_or_default());
        match self.shop().create_receipt(&row.key, body).await {
            Ok(made) => Ok(offset_looked(&made)),
            Err(error) if error.is_key_conflict() => {
                match self.search_offset(payment, row).await? {
                    OffsetLooked::Missing => {
                        Err(RailError::again("the key is taken and nothing found"))
                    }
                    found => Ok(found),
                }
            }
            Err(error) => Err(refused(&error)),
        }
    }

    pub(super) async fn read_offset(
        &self,
        payment: &PaymentRow,
        row: &OffsetRow,
    ) -> Result<OffsetLooked, RailError> {
        let name = row.provider_id.as_deref();
        let Some(id) = name.and_then(|name| ProviderReceiptId::parse(name).ok()) else {
            return self.search_offset(payment, row).await;
        };
        match self.shop().receipt(&id).await {
            Ok(found) => Ok(offset_looked(&found)),
            Err(CallError::NotFound(_) | CallError::Gone(_)) => Ok(OffsetLooked::Missing),
            Err(error) => Err(refused(&error)),
        }
    }

    /// Searches for a receipt whose name nobody knows: among its payment's, by what it says was handed over.
    async fn search_offset(
        &self,
        payment: &PaymentRow,
        row: &OffsetRow,
    ) -> Result<OffsetLooked, RailError> {
        let Some(name) = payment_name(payment) else { return Ok(OffsetLooked::Missing) };
        let mut cursor: Option<String> = None;
        for _ in 0..PAGES_MAX {
            let page = self.shop().receipts(&name, cursor.as_deref()).await;
            let page = page.map_err(|error| refused(&error))?;
            warn_unreadable(page.unreadable);
            let ours = page.items.iter().find(|it| it.items.contains(&row.item));
            if let Some(found) = ours {
                return Ok(offset_looked(found));
            }
            let Some(next) = page.next else { return Ok(OffsetLooked::Missing) };
            cursor = Some(next);
        }
        Err(RailError::again("the list of receipts has more pages than are read"))
    }
}

fn offset_looked(receipt: &ReceiptState) -> OffsetLooked {
    let provider_id = receipt.id.as_str().to_owned();
    match &receipt.status {
        Registration::Succeeded => OffsetLooked::Registered { provider_id },
        Registration::Canceled => OffsetLooked::Cancelled { provider_id },
        _ => OffsetLooked::Pending { provider_id },
    }
}

/// A wrong key or a missing right says nothing about the receipt: it is sent when the owner has mended that.
fn refused(error: &CallError) -> RailError {
    match failed(error) {
        RailError::Refused { why, .. } => {
            let owner = matches!(error, CallError::Credentials(_) | CallError::Forbidden(_));
            RailError::Refused { why, owner }
        }
        again => again,
    }
}
