//! Every night, and whenever an admin asks: the payment system's lists beside the book's clearing account, in both
//! directions. The difference must be zero.
//!
//! Both sides move while they are read, so nothing is reported that was not asked about twice: what the book lacks is
//! looked into first and compared again minutes later; what the payment system's lists lack is asked for by its name.

use std::collections::BTreeSet;
use std::time::Duration;

use rei_domain::clock::Timestamp;
use rei_domain::ids::{CustomerId, ReconciliationId};
use rei_domain::ledger::Rail;
use rei_domain::money::Kopecks;
use rei_queue::{Claim, NewJob, Verdict};
use rei_storage::ledger::LedgerError;
use rei_storage::outbox::OutboxClass;
use rei_storage::payments::{self, OverOffset, ReconciliationRow};
use rei_storage::{BookError, Tx, jobs};
use rei_texts::{AdminText, Lang, Message};

use super::compare::{BookSide, Difference, Finding, Name, What, theirs_by_name};
use super::rail::{Looked, Movement, PaymentRail, RailError};
use super::sweep::{CLOCKS_DIFFER, find_lost, known};
use super::{PAYMENTS_QUEUE, RECONCILE_JOB, alerts, end_with, job_id};
use crate::House;
use crate::admin::alert;
use crate::chats::{Buttons, Outgoing, Target, put};
use crate::wallet::reader_of;

const DAY: Duration = Duration::from_secs(24 * 3600);
/// So far back a nightly comparison goes.
const NIGHTLY: Duration = Duration::from_secs(7 * 24 * 3600);
/// What was booked in a time may have been created so long before it: found by the last comparison that still saw it.
const LOOKED_BACK: Duration = Duration::from_secs(8 * 24 * 3600);
/// What is younger than this may be on its way into the book.
const EDGE: Duration = Duration::from_secs(10 * 60);
/// What the book lacks is compared again after this long.
const CONFIRMED_AFTER: Duration = Duration::from_secs(5 * 60);
/// The pause when the payment system does not answer.
const PAUSE: Duration = Duration::from_secs(10 * 60);
/// What the lists lack is asked for one by one up to this number; more is no accident.
const ASKED_MAX: usize = 100;
/// Findings that a message names.
const NAMED_MAX: usize = 10;

/// One comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compared {
    /// With which payment system.
    pub rail: Rail,
    /// From when.
    pub from: Timestamp,
    /// Up to when.
    pub upto: Timestamp,
    /// What was paid in that time, as the payment system says.
    pub paid: Kopecks,
    /// What went back in that time, as the payment system says.
    pub refunded: Kopecks,
    /// Payments and refunds that were compared.
    pub count: i64,
    /// What the payment system has more than the book; below zero when it has less.
    pub difference: Kopecks,
    /// What differs.
    pub findings: Vec<Finding>,
}

impl Compared {
    /// Whether both sides agree.
    pub fn is_sound(&self) -> bool {
        self.findings.is_empty()
    }
}

/// Why nothing could be compared.
#[derive(Debug, thiserror::Error)]
pub enum ReconcileError {
    /// The payment system did not say what it has.
    #[error("the payment system can't be read")]
    Rail(#[from] RailError),
    /// The book could not be read.
    #[error("the book can't be used")]
    Book(#[from] BookError),
}

/// Has the last seven days compared with a payment system. To be called once a night for YooKassa, every hour for Stars,
/// of which no report comes but Telegram's updates.
///
/// # Errors
/// [`BookError`] when the book can't be used.
pub async fn enqueue_reconcile(house: &House, wanted: Rail) -> Result<(), BookError> {
    let (rules, now) = (house.clone(), house.now());
    house
        .book
        .write(move |tx| {
            for rail in known(tx, &rules)?.into_iter().filter(|rail| *rail == wanted) {
                let from = now.minus(NIGHTLY);
                let task = Task { rail, from, upto: now, asker: None, is_second: false };
                task.enqueue(tx, &rules, now, now)?;
            }
            Ok(())
        })
        .await
}

/// Has one day compared with every payment system, because an admin asks; he gets the answer either way. `day` is the
/// day's first moment. `false` when there is no payment system.
///
/// # Errors
/// [`BookError`] when the book can't be used.
pub fn ask_reconcile(
    tx: &mut Tx<'_>,
    house: &House,
    day: Timestamp,
    asker: CustomerId,
    now: Timestamp,
) -> Result<bool, BookError> {
    let rails = known(tx, house)?;
    for rail in &rails {
        let (upto, asker) = (day.plus(DAY).min(now), Some(asker));
        let task = Task { rail: *rail, from: day, upto, asker, is_second: false };
        task.enqueue(tx, house, now, now)?;
    }
    Ok(!rails.is_empty())
}

/// What a job is to compare, and for whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Task {
    rail: Rail,
    from: Timestamp,
    upto: Timestamp,
    asker: Option<CustomerId>,
    is_second: bool,
}

impl Task {
    fn enqueue(
        &self,
        tx: &mut Tx<'_>,
        house: &House,
        due_at: Timestamp,
        now: Timestamp,
    ) -> Result<(), BookError> {
        let rail = self.rail.as_str();
        let asker = self.asker.map_or(0, |asker| asker.0);
        let (from, upto, pass) = (self.from.millis(), self.upto.millis(), u8::from(self.is_second));
        let subject = format!("{rail}:{from}:{upto}:{asker}:{pass}");
        let span = if self.asker.is_some() { from } else { 0 };
        let job = NewJob::new(job_id(house, now), PAYMENTS_QUEUE, RECONCILE_JOB, subject)
            .due_at(due_at)
            .unique(format!("payments.reconcile:{rail}:{span}:{asker}:{pass}"));
        jobs::enqueue(tx, &job, now).map(|_| ())
    }

    fn read(subject: &str) -> Option<Self> {
        let mut parts = subject.split(':');
        let rail = Rail::from_word(parts.next()?)?;
        let mut number = || parts.next()?.parse::<i64>().ok();
        let (from, upto) = (Timestamp(number()?), Timestamp(number()?));
        let asker = Some(number()?).filter(|asker| *asker != 0).map(CustomerId);
        Some(Self { rail, from, upto, asker, is_second: number()? != 0 })
    }
}

/// Compares and reports: the job of [`enqueue_reconcile`] and [`ask_reconcile`].
///
/// # Errors
/// [`LedgerError`] when the book can't be used; the job is then tried again by the queue.
pub async fn run_reconcile(house: &House, claim: Claim) -> Result<Verdict, LedgerError> {
    let Some(task) = Task::read(&claim.subject) else {
        return Ok(Verdict::discard("the job names nothing to compare"));
    };
    let Some(rail) = house.payments.rail(task.rail).cloned() else {
        return Ok(Verdict::discard("this way to pay is closed"));
    };
    let (compared, theirs) = match compare(house, rail.as_ref(), task.from, task.upto).await {
        Ok(compared) => compared,
        Err(ReconcileError::Book(error)) => return Err(error.into()),
        Err(ReconcileError::Rail(RailError::Again { after, .. })) => {
            return Ok(Verdict::Snooze(after.unwrap_or_default().max(PAUSE)));
        }
        Err(ReconcileError::Rail(RailError::Refused { why, .. })) => {
            return Ok(Verdict::Retry(why));
        }
    };
    let now = house.now();
    let lacks = compared.findings.iter().any(|it| it.difference == Difference::Missing);
    if lacks && !task.is_second {
        find_lost(house, task.rail, &theirs, now).await?;
        let again = Task { is_second: true, ..task };
        let work = move |tx: &mut Tx<'_>, house: &House, now: Timestamp| {
            Ok(again.enqueue(tx, house, now.plus(CONFIRMED_AFTER), now)?)
        };
        return end_with(house, claim, work).await;
    }
    let labels = [("rail", task.rail.as_str())];
    metrics::gauge!("payments_reconciliation_difference_kopecks", &labels)
        .set(i32::try_from(compared.difference.get()).unwrap_or(i32::MAX));
    let work = move |tx: &mut Tx<'_>, house: &House, now| {
        Ok(report(tx, house, &compared, task.asker, now)?)
    };
    end_with(house, claim, work).await
}

/// Stores what was found and tells whom it concerns.
fn report(
    tx: &mut Tx<'_>,
    house: &House,
    compared: &Compared,
    asker: Option<CustomerId>,
    now: Timestamp,
) -> Result<(), BookError> {
    let row = ReconciliationRow {
        rail: compared.rail,
        from: compared.from,
        upto: compared.upto,
        difference: compared.difference,
        findings: serde_json::to_string(&compared.findings).expect("findings are plain"),
        at: now,
    };
    let id = ReconciliationId::new(now, house.chance.as_ref());
    payments::save_reconciliation(tx, id, &row)?;
    if !compared.is_sound() {
        alerts::reconciliation(tx, house, compared, now)?;
    }
    let Some(asker) = asker else {
        // Every night, if there is anything to tell. Stars are compared every hour: there, no news is good news.
        let is_nightly = compared.rail == Rail::YooKassa && compared.count > 0;
        if compared.is_sound() && is_nightly {
            alert::report(tx, house, compared, now)?;
        }
        return Ok(());
    };
    // The owners have just been told.
    if !compared.is_sound() && house.policy.admins.contains(&asker) {
        return Ok(());
    }
    let html = compared.html(reader_of(tx, asker)?);
    let outgoing = Outgoing::Text { html, buttons: Buttons::None, target: Target::New };
    put(tx, asker, OutboxClass::Answer, &outgoing, None, None, now)
}

/// Compares the book with a payment system.
///
/// # Errors
/// [`ReconcileError`] when one of them can't be read.
pub async fn reconcile(
    house: &House,
    rail: &dyn PaymentRail,
    from: Timestamp,
    upto: Timestamp,
) -> Result<Compared, ReconcileError> {
    compare(house, rail, from, upto).await.map(|(compared, _)| compared)
}

async fn compare(
    house: &House,
    rail: &dyn PaymentRail,
    from: Timestamp,
    upto: Timestamp,
) -> Result<(Compared, Vec<Movement>), ReconcileError> {
    let kind = rail.rules().rail;
    let theirs = all_movements(rail, from.minus(LOOKED_BACK), upto.plus(CLOCKS_DIFFER)).await?;
    // The book is read later than the lists, so what they have it had the time to learn.
    let now = house.now();
    let (since, until) = (from.minus(CLOCKS_DIFFER), now.plus(CLOCKS_DIFFER));
    let rows =
        house.book.read(move |tx| payments::clearing_movements(tx, kind, since, until)).await?;
    let book = BookSide::new(kind, &rows);
    let sums = theirs_by_name(&book, &theirs);
    let settled = upto.min(now.minus(EDGE));
    let mut named: BTreeSet<&Name> =
        book.within(from, upto.min(now)).map(|(name, _)| name).collect();
    let mut compared = Compared {
        rail: kind,
        from,
        upto,
        paid: Kopecks::ZERO,
        refunded: Kopecks::ZERO,
        count: 0,
        difference: Kopecks::ZERO,
        findings: Vec::new(),
    };
    let mut checked = Vec::new();
    for movement in theirs.iter().filter(|it| it.is_done && (from..settled).contains(&it.at)) {
        compared.count += 1;
        let total = match movement.what() {
            What::Payment => &mut compared.paid,
            What::Refund => &mut compared.refunded,
        };
        *total = [*total, movement.amount.unwrap_or_default()].into_iter().sum();
        match book.find(&movement.kind) {
            Some((name, _)) => {
                named.insert(name);
            }
            None => compared.findings.push(missing(movement)),
        }
        checked.push(movement.clone());
    }
    let mut asked = 0;
    for name in named {
        let Some(entry) = book.get(name) else { continue };
        let listed = sums.get(name).copied();
        let theirs = match listed {
            Some(theirs) => Some(theirs),
            None if asked < ASKED_MAX => {
                asked += 1;
                ask(house, rail, name).await?
            }
            None => None,
        };
        compared.findings.extend(differs(name, theirs, entry));
    }
    let over = house.book.read(payments::over_offset).await?;
    let over = over.into_iter().filter(|over| over.rail == kind);
    compared.findings.extend(over.map(over_offset));
    let sums = compared.findings.iter().map(Finding::sum);
    compared.difference = sums.sum();
    Ok((compared, checked))
}

fn missing(movement: &Movement) -> Finding {
    Finding {
        difference: Difference::Missing,
        what: movement.what(),
        id: movement.name().to_owned(),
        theirs: movement.amount,
        book: Kopecks::ZERO,
    }
}

fn over_offset(over: OverOffset) -> Finding {
    Finding {
        difference: Difference::OverOffset,
        what: What::Payment,
        id: over.payment,
        theirs: Some(over.paid),
        book: over.offset,
    }
}

/// What is wrong with something that the book has; `theirs` is `None` when the payment system does not know it.
fn differs(name: &Name, theirs: Option<Option<Kopecks>>, book: Kopecks) -> Option<Finding> {
    let difference = match theirs {
        Some(Some(theirs)) if theirs == book => return None,
        Some(_) => Difference::DifferentSum,
        None => Difference::Extra,
    };
    let id = name.id().to_owned();
    Some(Finding { difference, what: name.what(), id, theirs: theirs.flatten(), book })
}

/// Asks about something that the lists lack: it may be older than they go, or was done since.
async fn ask(
    house: &House,
    rail: &dyn PaymentRail,
    name: &Name,
) -> Result<Option<Option<Kopecks>>, ReconcileError> {
    match name {
        Name::Payment(id) => {
            let (kind, id) = (rail.rules().rail, id.clone());
            let row = house.book.read(move |tx| payments::find_by_provider(tx, kind, &id)).await?;
            let Some(row) = row else { return Ok(None) };
            Ok(match rail.look(&row, None).await? {
                Looked::Paid(paid) => Some(Some(paid.amount)),
                Looked::Differs { amount, .. } => Some(amount),
                Looked::Waiting { .. } | Looked::Closed { .. } | Looked::Missing => None,
            })
        }
        Name::Refund(id) => {
            let found = rail.find_refund(id).await?;
            Ok(found.filter(|movement| movement.is_done).map(|movement| movement.amount))
        }
        Name::Returned(_) => Ok(None),
    }
}

/// Day by day, because lists have a longest length.
async fn all_movements(
    rail: &dyn PaymentRail,
    from: Timestamp,
    upto: Timestamp,
) -> Result<Vec<Movement>, RailError> {
    let mut all = Vec::new();
    let mut start = from;
    while start < upto {
        let end = start.plus(DAY).min(upto);
        all.extend(rail.movements(start, end).await?);
        start = end;
    }
    Ok(all)
}

impl Compared {
    fn message(&self, lang: Lang) -> AdminText {
        let rail = self.rail.as_str().to_owned();
        if self.is_sound() {
            let (paid, refunded, count) = (self.paid, self.refunded, self.count);
            return AdminText::ReconciliationSound { rail, paid, refunded, count };
        }
        let named = self.findings.iter().take(NAMED_MAX).map(|it| it.words().plain(lang));
        let mut lines: Vec<String> = named.collect();
        if let Some(more) = self.findings.len().checked_sub(NAMED_MAX).filter(|more| *more > 0) {
            let count = i64::try_from(more).unwrap_or(i64::MAX);
            lines.push(AdminText::ReconciliationMore { count }.plain(lang));
        }
        AdminText::AlertReconciliation {
            rail,
            difference: self.difference,
            findings: lines.join("\n"),
        }
    }
}

impl Message for Compared {
    fn html(&self, lang: Lang) -> String {
        self.message(lang).html(lang)
    }

    fn plain(&self, lang: Lang) -> String {
        self.message(lang).plain(lang)
    }
}

impl Finding {
    fn words(&self) -> AdminText {
        let (what, id) = (self.what.as_str().to_owned(), self.id.clone());
        let (theirs, book) = (self.theirs.unwrap_or_default(), self.book);
        match self.difference {
            Difference::Missing => AdminText::ReconciliationMissing { what, id, theirs },
            Difference::Extra => AdminText::ReconciliationExtra { what, id, book },
            Difference::DifferentSum => AdminText::ReconciliationSum { what, id, theirs, book },
            Difference::OverOffset => {
                AdminText::ReconciliationOffset { id, paid: theirs, offset: book }
            }
        }
    }
}
