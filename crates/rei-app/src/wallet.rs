//! A customer's money and language, as messages need them.

use rei_domain::catalog::{Catalog, Kind};
use rei_domain::ids::CustomerId;
use rei_domain::money::Kopecks;
use rei_storage::{BookError, Tx, customers, ledger};
use rei_texts::Lang;

/// What a customer has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WalletView {
    /// Own money that can be spent.
    pub cash: Kopecks,
    /// Bonus that can be spent.
    pub bonus: Kopecks,
    /// What waits on hold in orders.
    pub held: Kopecks,
    /// Whether it was overdrawn by money that went back past us.
    pub frozen: bool,
}

impl WalletView {
    /// All that can be spent.
    pub fn free(&self) -> Kopecks {
        self.cash.checked_add(self.bonus).unwrap_or(self.cash)
    }

    /// How many pictures of the default kind that buys.
    pub fn pictures(&self, catalog: &Catalog) -> i64 {
        let model = catalog.default_model(Kind::Image);
        let priced = model.and_then(|model| catalog.price(model, &model.default_choices(), None));
        priced.map_or(0, |it| self.free().get().checked_div(it.sale.get()).unwrap_or(0).max(0))
    }
}

/// Reads a customer's wallet; an empty one when there is none.
pub fn wallet_of(tx: &mut Tx<'_>, customer: CustomerId) -> Result<WalletView, BookError> {
    let wallet = ledger::balances(tx, customer)?;
    Ok(WalletView {
        cash: wallet.cash.free,
        bonus: wallet.bonus.free,
        held: wallet.on_hold(),
        frozen: wallet.frozen,
    })
}

/// The language a customer reads: the chosen one, else by Telegram's.
pub fn reader_of(tx: &mut Tx<'_>, customer: CustomerId) -> Result<Lang, BookError> {
    let row = customers::find(tx, customer)?;
    let chosen = row.as_ref().and_then(|row| row.lang.as_deref()).and_then(Lang::from_word);
    Ok(chosen.unwrap_or_else(|| {
        Lang::from_telegram(row.as_ref().and_then(|row| row.telegram_lang.as_deref()))
    }))
}
