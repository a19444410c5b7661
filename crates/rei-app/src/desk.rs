//! The desk at which a chat is served: everything that one update may read and change, inside one
//! transaction. The door brings the conversation; the desk knows the book.

use rei_domain::catalog::{Catalog, Choices};
use rei_domain::clock::Timestamp;
use rei_domain::ids::{ChatId, CustomerId, MessageId, OrderId, UpdateId};
use rei_domain::ledger::{Account, Actor, Expense, IdempotencyKey, Money, TransferKind};
use rei_domain::money::Kopecks;
use rei_domain::order::OrderState;
use rei_domain::quote::Quote;
use rei_storage::ledger::{self, LedgerError, NewTransfer};
use rei_storage::orders::OrderRow;
use rei_storage::outbox::{NewOutbox, OutboxClass};
use rei_storage::{BookError, Tx, customers, inbox, orders, outbox};
use rei_texts::Lang;

use crate::admin::{self, AddOutcome, Stats};
use crate::chats::{Buttons, Outgoing, Target, order_slot};
use crate::orders::{CancelOutcome, PlaceOutcome};
use crate::wallet::{WalletView, wallet_of};
use crate::{House, statement};

/// One update being served.
pub struct Desk<'d, 'tx> {
    tx: &'d mut Tx<'tx>,
    house: &'d House,
    now: Timestamp,
    placed: bool,
}

/// The customer at the desk.
#[derive(Clone, Debug)]
pub struct Guest {
    /// The Telegram user's number.
    pub id: CustomerId,
    /// The language to answer in.
    pub lang: Lang,
    /// Where the conversation stands.
    pub session: String,
    /// What the customer has.
    pub wallet: WalletView,
    /// Whether the settings name this user as an owner.
    pub admin: bool,
}

/// An order in one line.
#[derive(Clone, Debug)]
pub struct OrderLine {
    /// Its id.
    pub id: OrderId,
    /// Its number for people.
    pub number: i64,
    /// Where it stands.
    pub state: OrderState,
    /// Its frozen price.
    pub price: Kopecks,
    /// What was asked for.
    pub prompt: String,
    /// What was chosen.
    pub choices: Choices,
    /// When it was placed.
    pub placed_at: Timestamp,
}

impl<'d, 'tx> Desk<'d, 'tx> {
    pub(crate) fn new(tx: &'d mut Tx<'tx>, house: &'d House, now: Timestamp) -> Self {
        Self { tx, house, now, placed: false }
    }

    /// Whether an order was placed at this desk.
    pub(crate) fn has_placed(&self) -> bool {
        self.placed
    }

    /// The moment that counts for everything at this desk.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// The house.
    pub fn house(&self) -> &House {
        self.house
    }

    /// Greets whoever wrote: known from now on, with an account, and with a gift the first time.
    ///
    /// # Errors
    /// [`LedgerError`] when the book refuses.
    pub fn meet(
        &mut self,
        id: CustomerId,
        name: &str,
        language: Option<&str>,
    ) -> Result<Guest, LedgerError> {
        let (row, first_time) = customers::seen(self.tx, id, name, language, self.now)?;
        if first_time {
            ledger::open_customer(self.tx, id)?;
            self.welcome_gift(id)?;
        }
        if row.blocked {
            customers::set_blocked(self.tx, id, false)?;
            outbox::hand_over(self.tx, ChatId(id.0), self.now)?;
        }
        let chosen = row.lang.as_deref().and_then(Lang::from_word);
        Ok(Guest {
            id,
            lang: chosen.unwrap_or_else(|| Lang::from_telegram(row.telegram_lang.as_deref())),
            session: row.session,
            wallet: wallet_of(self.tx, id)?,
            admin: self.house.policy.admins.contains(&id),
        })
    }

    fn welcome_gift(&mut self, id: CustomerId) -> Result<(), LedgerError> {
        let gift = self.house.policy.welcome_gift;
        if !gift.is_positive() {
            return Ok(());
        }
        ledger::post(
            self.tx,
            &NewTransfer {
                kind: TransferKind::Gift,
                debit: Account::Expense(Expense::Promo),
                credit: Account::bonus(id),
                amount: Money::Rub(gift),
                key: IdempotencyKey::new(format!("welcome:{id}"))?,
                order: None,
                payment: None,
                actor: Actor::System,
                memo: Some("welcome".to_owned()),
                at: self.now,
            },
        )?;
        Ok(())
    }

    /// The customer blocked the bot: messages stop, results wait.
    ///
    /// # Errors
    /// [`BookError`] when the book can't be used.
    pub fn blocked(&mut self, id: CustomerId) -> Result<(), BookError> {
        customers::set_blocked(self.tx, id, true)?;
        outbox::hold_back(self.tx, ChatId(id.0))
    }

    /// Sends results that waited for the customer; returns how many messages.
    ///
    /// # Errors
    /// [`BookError`] when the book can't be used.
    pub fn hand_over(&mut self, id: CustomerId) -> Result<u64, BookError> {
        outbox::hand_over(self.tx, ChatId(id.0), self.now)
    }

    /// The customer's orders that are at work, oldest first.
    ///
    /// # Errors
    /// [`BookError`] when the book can't be read.
    pub fn active_orders(&mut self, id: CustomerId) -> Result<Vec<OrderLine>, BookError> {
        /// More than any limit on active orders.
        const LISTED_MAX: i64 = 100;
        Ok(orders::active(self.tx, id, LISTED_MAX)?.into_iter().map(line).collect())
    }

    /// A page of the customer's orders, newest first, and one more to show that there is a next page.
    ///
    /// # Errors
    /// [`BookError`] when the book can't be read.
    pub fn history(
        &mut self,
        id: CustomerId,
        page: u32,
        page_size: usize,
    ) -> Result<Vec<OrderLine>, BookError> {
        let size = i64::try_from(page_size).unwrap_or(i64::MAX);
        let skip = i64::from(page).saturating_mul(size);
        Ok(orders::history(self.tx, id, skip, size.saturating_add(1))?
            .into_iter()
            .map(line)
            .collect())
    }

    /// This order, if it is the customer's.
    ///
    /// # Errors
    /// [`BookError`] when the book can't be read.
    pub fn own_order(
        &mut self,
        id: CustomerId,
        order: OrderId,
    ) -> Result<Option<OrderLine>, BookError> {
        Ok(orders::find(self.tx, order)?.filter(|row| row.customer == id).map(line))
    }

    /// Places the order of a confirmed offer.
    ///
    /// # Errors
    /// [`LedgerError`] when the book refuses.
    pub fn place(
        &mut self,
        customer: CustomerId,
        quote: &Quote,
        catalog: &Catalog,
    ) -> Result<PlaceOutcome, LedgerError> {
        let placed = crate::orders::place(self.tx, self.house, catalog, customer, quote, self.now)?;
        self.placed |= matches!(placed, PlaceOutcome::Placed { .. });
        Ok(placed)
    }

    /// Stops an order that has not begun.
    ///
    /// # Errors
    /// [`LedgerError`] when the book refuses.
    pub fn cancel(
        &mut self,
        customer: CustomerId,
        order: OrderId,
    ) -> Result<CancelOutcome, LedgerError> {
        crate::orders::cancel(self.tx, customer, order, self.now)
    }

    /// What the customer can spend now.
    ///
    /// # Errors
    /// [`BookError`] when the book can't be read.
    pub fn free(&mut self, customer: CustomerId) -> Result<Kopecks, BookError> {
        Ok(wallet_of(self.tx, customer)?.free())
    }

    /// Remembers the customer's language.
    ///
    /// # Errors
    /// [`BookError`] when the book can't be used.
    pub fn set_language(&mut self, customer: CustomerId, lang: Lang) -> Result<(), BookError> {
        customers::set_lang(self.tx, customer, lang.as_str())
    }

    /// Remembers where the conversation stands.
    ///
    /// # Errors
    /// [`BookError`] when the book can't be used.
    pub fn save_session(&mut self, customer: CustomerId, session: &str) -> Result<(), BookError> {
        customers::save_session(self.tx, customer, session)
    }

    /// Answers a press.
    ///
    /// # Errors
    /// [`BookError`] when the book can't be used.
    pub fn answer_press(
        &mut self,
        chat: ChatId,
        query: String,
        text: Option<String>,
    ) -> Result<(), BookError> {
        self.put(chat, OutboxClass::Press, &Outgoing::AnswerPress { query, text }, None)
    }

    /// Shows a screen, and names the message after the order whose status it shows.
    ///
    /// # Errors
    /// [`BookError`] when the book can't be used.
    pub fn show(
        &mut self,
        chat: ChatId,
        html: String,
        buttons: Buttons,
        target: Target,
        status_of: Option<OrderId>,
    ) -> Result<(), BookError> {
        let slot = status_of.map(order_slot);
        if let (Some(slot), Target::Edit(message)) = (&slot, target) {
            // The next status may overtake this one before it is sent, and belongs in the same message.
            outbox::set_slot(self.tx, chat, slot, message)?;
        }
        self.put(chat, OutboxClass::Answer, &Outgoing::Text { html, buttons, target }, slot)
    }

    fn put(
        &mut self,
        chat: ChatId,
        class: OutboxClass,
        outgoing: &Outgoing,
        slot: Option<String>,
    ) -> Result<(), BookError> {
        let payload = serde_json::to_string(outgoing).expect("a message has only plain fields");
        let new = NewOutbox { chat, class, payload, slot, delivery: None };
        // Whoever just wrote has not blocked the bot.
        outbox::put(self.tx, &new, false, self.now)
    }

    /// The customer's latest transfers in words.
    ///
    /// # Errors
    /// [`BookError`] when the book can't be read.
    pub fn statement(&mut self, customer: CustomerId, lang: Lang) -> Result<String, BookError> {
        statement::statement(self.tx, customer, lang)
    }

    /// An owner credits a customer.
    ///
    /// # Errors
    /// [`LedgerError`] when the book refuses.
    pub fn admin_add(
        &mut self,
        actor: CustomerId,
        message: MessageId,
        args: &str,
    ) -> Result<AddOutcome, LedgerError> {
        admin::add(self.tx, actor, message, args, self.now)
    }

    /// The owner's figures.
    ///
    /// # Errors
    /// [`BookError`] when the book can't be read.
    pub fn stats(&mut self) -> Result<Stats, BookError> {
        admin::stats(self.tx, self.now)
    }

    pub(crate) fn take(&mut self, update: UpdateId) -> Result<bool, BookError> {
        inbox::done(self.tx, update)
    }
}

fn line(row: OrderRow) -> OrderLine {
    let unknown = || Choices { sku: row.sku.clone(), ratio: String::new(), size: String::new() };
    OrderLine {
        id: row.id,
        number: row.number,
        state: row.state,
        price: row.price,
        choices: serde_json::from_str(&row.choices).unwrap_or_else(|_| unknown()),
        prompt: row.prompt,
        placed_at: row.placed_at,
    }
}
