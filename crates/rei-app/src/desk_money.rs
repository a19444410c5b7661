//! The desk's side of money: paying, promo codes, statements, and those who run the bot.

use rei_domain::ids::{CustomerId, JobId, MessageId, OrderId, PaymentId};
use rei_queue::NewJob;
use rei_storage::ledger::LedgerError;
use rei_storage::{BookError, jobs, payments as rows};
use rei_texts::Lang;

use crate::Desk;
use crate::admin::files::REPORT_JOB;
use crate::admin::{self, Caller, Reply};
use crate::happenings::CHATS_QUEUE;
use crate::payments::{self, Opening, PaymentLine, TillView, Wish};
use crate::presents::{self, PromoOutcome};
use crate::statement::{self, StatementPage};

impl Desk<'_, '_> {
    /// What the customer may be told about paying.
    ///
    /// # Errors
    /// [`BookError`] when the book can't be read.
    pub fn till(&mut self, customer: CustomerId) -> Result<TillView, BookError> {
        payments::till(self.tx, self.house, customer, self.now)
    }

    /// This payment, if it is the customer's.
    ///
    /// # Errors
    /// [`BookError`] when the book can't be read.
    pub fn own_payment(
        &mut self,
        customer: CustomerId,
        payment: PaymentId,
    ) -> Result<Option<PaymentLine>, BookError> {
        let row = rows::find(self.tx, payment)?.filter(|row| row.customer == customer);
        Ok(row.map(PaymentLine::from))
    }

    /// Stores a payment and has it asked for.
    ///
    /// # Errors
    /// [`LedgerError`] when the book refuses.
    pub fn open_payment(
        &mut self,
        customer: CustomerId,
        wish: &Wish<'_>,
    ) -> Result<Opening, LedgerError> {
        payments::open_payment(self.tx, self.house, customer, wish, self.now)
    }

    /// Has a payment of the customer's looked at; `None` when it is not the customer's.
    ///
    /// # Errors
    /// [`BookError`] when the book can't be used.
    pub fn check_payment(
        &mut self,
        customer: CustomerId,
        payment: PaymentId,
    ) -> Result<Option<PaymentLine>, BookError> {
        let row = payments::check(self.tx, self.house, customer, payment, self.now)?;
        Ok(row.map(PaymentLine::from))
    }

    /// Remembers where the customer's receipts go; `None` forgets it.
    ///
    /// # Errors
    /// [`BookError`] when the book can't be used.
    pub fn save_email(
        &mut self,
        customer: CustomerId,
        email: Option<&str>,
    ) -> Result<(), BookError> {
        rows::save_email(self.tx, customer, email, self.now)
    }

    /// Notes that the customer accepted the terms.
    ///
    /// # Errors
    /// [`BookError`] when the book can't be used.
    pub fn accept_terms(&mut self, customer: CustomerId, version: u32) -> Result<(), BookError> {
        rows::accept_terms(self.tx, customer, i64::from(version), self.now)
    }

    /// Credits a promo code.
    ///
    /// # Errors
    /// [`LedgerError`] when the book refuses.
    pub fn use_promo(
        &mut self,
        customer: CustomerId,
        code: &str,
    ) -> Result<PromoOutcome, LedgerError> {
        presents::use_promo(self.tx, self.house, customer, code, self.now)
    }

    /// A page of the customer's transfers in words, newest first.
    ///
    /// # Errors
    /// [`BookError`] when the book can't be read.
    pub fn statement(
        &mut self,
        customer: CustomerId,
        lang: Lang,
        page: u32,
    ) -> Result<StatementPage, BookError> {
        statement::statement(self.tx, customer, lang, page)
    }

    /// What an order cost, when and why; `None` when it is not the customer's.
    ///
    /// # Errors
    /// [`BookError`] when the book can't be read.
    pub fn why(
        &mut self,
        customer: CustomerId,
        order: OrderId,
        lang: Lang,
    ) -> Result<Option<String>, BookError> {
        let catalog = self.house.catalog.current();
        statement::why(self.tx, &catalog, customer, order, lang)
    }

    /// Has all of the customer's transfers sent as a file.
    ///
    /// # Errors
    /// [`BookError`] when the book can't be used.
    pub fn send_statement_file(&mut self, customer: CustomerId) -> Result<(), BookError> {
        let id = JobId::new(self.now, self.house.chance.as_ref());
        let subject = format!("{customer}:statement-csv");
        let job = NewJob::new(id, CHATS_QUEUE, REPORT_JOB, subject.clone()).fair_to(customer);
        jobs::enqueue(self.tx, &job.unique(subject), self.now)?;
        Ok(())
    }

    /// Carries out a command of one of those who run the bot, or shows what it would do.
    ///
    /// # Errors
    /// [`LedgerError`] when the book refuses.
    pub fn admin_command(
        &mut self,
        caller: &Caller,
        name: &str,
        args: &str,
        message: MessageId,
        reply: Option<MessageId>,
    ) -> Result<Reply, LedgerError> {
        admin::command(self.tx, self.house, caller, name, args, message, reply, self.now)
    }

    /// Carries out what a button of theirs stands for.
    ///
    /// # Errors
    /// [`LedgerError`] when the book refuses.
    pub fn admin_button(
        &mut self,
        caller: &Caller,
        act: &str,
        id: &str,
        arg: Option<&str>,
    ) -> Result<Reply, LedgerError> {
        admin::button(self.tx, self.house, caller, act, id, arg, self.now)
    }
}
