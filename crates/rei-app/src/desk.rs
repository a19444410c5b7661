//! The desk at which a chat is served: everything that one update may read and change, inside one
//! transaction. The door brings the conversation; the desk knows the book.

use std::collections::BTreeSet;

use rei_domain::catalog::{Catalog, Choices, Kind, Measured, Slot};
use rei_domain::clock::Timestamp;
use rei_domain::ids::{ChatId, CustomerId, MessageId, OrderId, UploadId};
use rei_domain::ledger::{Account, Actor, Expense, IdempotencyKey, Money, TransferKind};
use rei_domain::money::Kopecks;
use rei_domain::order::{OrderState, Wait};
use rei_domain::quote::Quote;
use rei_storage::customers::CustomerRow;
use rei_storage::ledger::{self, LedgerError, NewTransfer};
use rei_storage::orders::{HistoryFilter, OrderRow};
use rei_storage::outbox::{NewOutbox, OutboxClass};
use rei_storage::{BookError, Tx, admins, customers, orders, outbox, uploads};
use rei_texts::Lang;

use crate::admin::{self, Role};
use crate::chats::{Buttons, Outgoing, Target, order_slot};
use crate::orders::{CancelOutcome, PlaceOutcome, wait_of};
use crate::wallet::{WalletView, wallet_of};
use crate::{House, files, happenings};

/// One update being served.
pub struct Desk<'d, 'tx> {
    pub(crate) tx: &'d mut Tx<'tx>,
    pub(crate) house: &'d House,
    pub(crate) now: Timestamp,
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
    /// What this user may do as one of those who run the bot.
    pub role: Option<Role>,
}

/// Somebody who writes, as Telegram names him.
#[derive(Clone, Copy, Debug)]
pub struct Visitor<'v> {
    /// The Telegram user's number.
    pub id: CustomerId,
    /// The name, for the owner's eyes.
    pub name: &'v str,
    /// What stands after the @, if there is one.
    pub username: Option<&'v str>,
    /// Telegram's language code.
    pub language: Option<&'v str>,
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
    /// What it makes.
    pub kind: Kind,
    /// Whether the customer marked it.
    pub favourite: bool,
    /// Whether anything was made.
    pub has_result: bool,
    /// The customer's files that went into it, as far as they are kept.
    pub inputs: Vec<InputLine>,
}

/// A file that went into an order.
#[derive(Clone, Debug)]
pub struct InputLine {
    /// What it was for.
    pub slot: Slot,
    /// The file.
    pub upload: UploadId,
    /// What was found in it.
    pub measured: Measured,
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
    pub fn meet(&mut self, visitor: Visitor<'_>) -> Result<Guest, LedgerError> {
        let Visitor { id, name, username, language } = visitor;
        let (row, first_time) = customers::seen(self.tx, id, name, language, self.now)?;
        admins::note_username(self.tx, id, username)?;
        if first_time {
            ledger::open_customer(self.tx, id)?;
            self.welcome_gift(id)?;
        }
        if row.blocked {
            customers::set_blocked(self.tx, id, false)?;
            outbox::hand_over(self.tx, ChatId(id.0), self.now)?;
        }
        Ok(self.guest_of(id, row)?)
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
        let rows = orders::active(self.tx, id, LISTED_MAX)?;
        rows.into_iter().map(|row| self.line(row)).collect()
    }

    /// How far the customer's orders are that are at work, oldest first.
    ///
    /// # Errors
    /// [`BookError`] when the book can't be read.
    pub fn waits(&mut self, id: CustomerId) -> Result<Vec<(OrderId, Wait)>, BookError> {
        /// As many as a list shows.
        const TOLD_MAX: i64 = 8;
        let rows = orders::active(self.tx, id, TOLD_MAX)?;
        let mut waits = Vec::with_capacity(rows.len());
        for row in &rows {
            waits.push((row.id, wait_of(self.tx, self.house, row, self.now)?));
        }
        Ok(waits)
    }

    /// A page of the customer's orders, newest first, and one more to show that there is a next page.
    ///
    /// # Errors
    /// [`BookError`] when the book can't be read.
    pub fn history(
        &mut self,
        id: CustomerId,
        filter: HistoryFilter,
        page: u32,
        page_size: usize,
    ) -> Result<Vec<OrderLine>, BookError> {
        let size = i64::try_from(page_size).unwrap_or(i64::MAX);
        let skip = i64::from(page).saturating_mul(size);
        let rows = orders::history(self.tx, id, filter, skip, size.saturating_add(1))?;
        rows.into_iter().map(|row| self.line(row)).collect()
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
        let row = orders::find(self.tx, order)?.filter(|row| row.customer == id);
        row.map(|row| self.line(row)).transpose()
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

    /// Has a file that the customer sent fetched and looked at; the conversation hears of it.
    ///
    /// # Errors
    /// [`BookError`] when the book can't be used.
    pub fn take_file(
        &mut self,
        customer: CustomerId,
        upload: UploadId,
        file_id: &str,
        unique_id: Option<&str>,
    ) -> Result<(), BookError> {
        files::announce(self.tx, self.house, customer, upload, file_id, unique_id, self.now)
    }

    /// Makes a result of the customer's own a file that can go into another order; `None` when it is not the
    /// customer's, or there is no such result.
    ///
    /// # Errors
    /// [`BookError`] when the book can't be used.
    pub fn use_result(
        &mut self,
        customer: CustomerId,
        order: OrderId,
        item: u32,
    ) -> Result<Option<(UploadId, Measured)>, BookError> {
        let Some(row) = orders::find(self.tx, order)?.filter(|row| row.customer == customer) else {
            return Ok(None);
        };
        let items = orders::items_of(self.tx, row.id)?;
        let Some(found) = items.into_iter().find(|one| one.no == i64::from(item)) else {
            return Ok(None);
        };
        let Some(blob) = found.artifact else { return Ok(None) };
        let side = |px: Option<i64>| px.and_then(|px| u32::try_from(px).ok()).unwrap_or(0);
        let measured = Measured {
            file_type: blob.rsplit('.').next().unwrap_or_default().to_owned(),
            size_bytes: 0,
            width: side(found.width),
            height: side(found.height),
            length_ms: found.length_ms.and_then(|ms| u64::try_from(ms).ok()),
        };
        let upload = UploadId::new(self.now, self.house.chance.as_ref());
        let result = (row.id, found.no);
        uploads::adopt(self.tx, upload, customer, &blob, &measured, result, self.now)?;
        Ok(Some((upload, measured)))
    }

    /// The result that a message shows: the order, and the number of the thing from 1.
    ///
    /// # Errors
    /// [`BookError`] when the book can't be read.
    pub fn replied_result(
        &mut self,
        chat: ChatId,
        message: MessageId,
    ) -> Result<Option<(OrderId, u32)>, BookError> {
        let shown = orders::shown_result(self.tx, chat, message)?;
        Ok(shown.map(|(order, item)| (order, u32::try_from(item).unwrap_or(1))))
    }

    /// Has the conversation told when a moment has come.
    ///
    /// # Errors
    /// [`BookError`] when the book can't be used.
    pub fn wake_at(
        &mut self,
        customer: CustomerId,
        at: Timestamp,
        what: &str,
    ) -> Result<(), BookError> {
        happenings::wake_at(self.tx, self.house, customer, at, what, self.now)
    }

    /// Sends the original files of an order once more; `false` when there are none.
    ///
    /// # Errors
    /// [`BookError`] when the book can't be used.
    pub fn send_original(
        &mut self,
        customer: CustomerId,
        order: OrderId,
    ) -> Result<bool, BookError> {
        crate::orders::send_original(self.tx, customer, order, self.now)
    }

    /// Marks an order of the customer's, or takes the mark away; `false` when it is not the customer's.
    ///
    /// # Errors
    /// [`BookError`] when the book can't be used.
    pub fn set_favourite(
        &mut self,
        customer: CustomerId,
        order: OrderId,
        on: bool,
    ) -> Result<bool, BookError> {
        orders::set_favourite(self.tx, customer, order, on)
    }

    /// The providers for which no money should be put on hold right now.
    pub fn providers_down(&self) -> BTreeSet<String> {
        self.house.providers_down()
    }

    /// The customer whom something inside the house concerns; `None` for somebody who never wrote.
    ///
    /// # Errors
    /// [`BookError`] when the book can't be read.
    pub fn guest(&mut self, id: CustomerId) -> Result<Option<Guest>, BookError> {
        customers::find(self.tx, id)?.map(|row| self.guest_of(id, row)).transpose()
    }

    fn guest_of(&mut self, id: CustomerId, row: CustomerRow) -> Result<Guest, BookError> {
        let chosen = row.lang.as_deref().and_then(Lang::from_word);
        Ok(Guest {
            id,
            lang: chosen.unwrap_or_else(|| Lang::from_telegram(row.telegram_lang.as_deref())),
            session: row.session,
            wallet: wallet_of(self.tx, id)?,
            role: admin::role_of(self.tx, self.house, id)?,
        })
    }

    fn line(&mut self, row: OrderRow) -> Result<OrderLine, BookError> {
        let kind = Kind::from_word(&row.kind).unwrap_or(Kind::Image);
        // Lists are read at every message; most orders take no files, so nobody looks for them.
        let inputs =
            if kind.takes_files() { orders::inputs_of(self.tx, row.id)? } else { Vec::new() };
        let kept = |input: orders::InputRow| {
            let upload = input.upload;
            let measured = upload.measured.filter(|_| upload.ready)?;
            Some(InputLine { slot: input.slot, upload: upload.id, measured })
        };
        let choices = serde_json::from_str(&row.choices);
        Ok(OrderLine {
            id: row.id,
            number: row.number,
            state: row.state,
            price: row.price,
            choices: choices.unwrap_or_else(|_| unknown_choices(&row.sku)),
            prompt: row.prompt,
            placed_at: row.placed_at,
            kind,
            favourite: row.favourite,
            has_result: row.artifact.is_some(),
            inputs: inputs.into_iter().filter_map(kept).collect(),
        })
    }
}

/// Choices of a row that an older version wrote in a way that nobody reads any more.
fn unknown_choices(sku: &str) -> Choices {
    let nothing = String::new;
    Choices {
        sku: sku.to_owned(),
        ratio: nothing(),
        size: nothing(),
        sound: nothing(),
        seconds: 0,
        count: 1,
    }
}
