//! Reports that take a while or become a file: the owner's chart, exports, a customer's statement.
//!
//! A file can't be written inside a transaction, so a job makes it: first the file is stored, then its message, the
//! audit row and the job's end are one transaction, which a worker that lost the job can't commit.

mod export;
mod period;

use rei_blobs::{BlobError, BlobStore};
use rei_domain::clock::Timestamp;
use rei_domain::ids::{CustomerId, JobId};
use rei_domain::media::MediaType;
use rei_queue::{Claim, NewJob, Verdict};
use rei_storage::figures::{self, Day, Span};
use rei_storage::outbox::OutboxClass;
use rei_storage::{Book, BookError, Tx, admin, jobs};
use rei_texts::{Lang, ReportText};

use super::chart;
use crate::chats::{Buttons, Outgoing, Target, put};
use crate::happenings::CHATS_QUEUE;
use crate::statement::{Csv, day_name, statement_file};
use crate::wallet::reader_of;
use crate::{House, LedgerError};

pub use super::stats::summary;
use export::Exported;
pub use export::What;
pub use period::{Period, PeriodError};

/// The kind of the job that makes a report.
pub const REPORT_JOB: &str = "report.make";

/// A file stays well below what Telegram takes, and what a worker should have in memory.
const FILE_BYTES_MAX: usize = 20 * 1024 * 1024;
/// The longest statement, in transfers.
const STATEMENT_ROWS_MAX: usize = 20_000;

/// What a job of this kind makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Report {
    /// The chart of `/stats`.
    Chart(Span),
    /// All transfers of whoever asks.
    Statement,
    /// Rows of the book for the owner's own bookkeeping.
    Export(What, Span),
}

/// Answers `/stats [day|week|month|FROM TO]` and has the chart sent after it.
///
/// # Errors
/// [`BookError`] when the book can't be used.
pub fn stats_command(
    tx: &mut Tx<'_>,
    house: &House,
    actor: CustomerId,
    args: &str,
    now: Timestamp,
) -> Result<String, BookError> {
    let lang = reader_of(tx, actor)?;
    let Ok(period) = Period::parse(args, now) else {
        return Ok(ReportText::StatsUsage {}.html(lang));
    };
    ask(tx, house, actor, Report::Chart(period.charted()), now)?;
    summary(tx, period.span, house.policy.usd_rate, lang)
}

/// Answers `/export ledger|payments|jobs FROM TO` and has the file sent after it.
///
/// # Errors
/// [`BookError`] when the book can't be used.
pub fn export_command(
    tx: &mut Tx<'_>,
    house: &House,
    actor: CustomerId,
    args: &str,
    now: Timestamp,
) -> Result<String, BookError> {
    let lang = reader_of(tx, actor)?;
    let (word, dates) = args.trim().split_once(char::is_whitespace).unwrap_or((args.trim(), ""));
    let what = What::from_word(&word.to_lowercase());
    let (Some(what), Ok(period)) = (what, Period::of_days(dates)) else {
        return Ok(ReportText::ExportUsage {}.html(lang));
    };
    ask(tx, house, actor, Report::Export(what, period.span), now)?;
    Ok(ReportText::ExportComing {}.html(lang))
}

/// Has a report made and sent to `customer`; the same one once more while it is being made changes nothing.
///
/// # Errors
/// [`BookError`] when the book can't be used.
pub fn ask(
    tx: &mut Tx<'_>,
    house: &House,
    customer: CustomerId,
    report: Report,
    now: Timestamp,
) -> Result<(), BookError> {
    let id = JobId::new(now, house.chance.as_ref());
    let subject = report.subject(customer);
    let unique = format!("{REPORT_JOB}:{subject}");
    let job = NewJob::new(id, CHATS_QUEUE, REPORT_JOB, subject).fair_to(customer).unique(unique);
    jobs::enqueue(tx, &job, now)?;
    Ok(())
}

/// Makes the report and sends it.
///
/// # Errors
/// [`LedgerError`] when the book can't be used; the job is then tried again by the queue.
pub async fn make(house: &House, claim: Claim) -> Result<Verdict, LedgerError> {
    let workshop = Workshop { book: &house.book, blobs: &house.blobs, now: house.now() };
    workshop.make(claim).await
}

/// The job of a report is dead: whoever asked is told, in the transaction that ends the job.
///
/// # Errors
/// [`BookError`] when the book can't be used.
pub fn poisoned(tx: &mut Tx<'_>, subject: &str, now: Timestamp) -> Result<(), BookError> {
    let Some((customer, _)) = Report::parse(subject) else { return Ok(()) };
    let html = ReportText::ReportFailed {}.html(reader_of(tx, customer)?);
    let outgoing = Outgoing::Text { html, buttons: Buttons::None, target: Target::New };
    put(tx, customer, OutboxClass::Answer, &outgoing, None, None, now)
}

impl Report {
    /// `<customer>:<what>[:args]`.
    fn subject(self, customer: CustomerId) -> String {
        let millis = |span: Span| format!("{}:{}", span.from.millis(), span.upto.millis());
        match self {
            Self::Chart(span) => format!("{customer}:stats-chart:{}", millis(span)),
            Self::Statement => format!("{customer}:statement-csv"),
            Self::Export(what, span) => {
                format!("{customer}:export:{}:{}", what.as_str(), millis(span))
            }
        }
    }

    fn parse(subject: &str) -> Option<(CustomerId, Self)> {
        let words: Vec<&str> = subject.split(':').collect();
        let (customer, words) = words.split_first()?;
        let customer = CustomerId(customer.parse().ok()?);
        let span = |from: &str, upto: &str| {
            Some(Span { from: Timestamp(from.parse().ok()?), upto: Timestamp(upto.parse().ok()?) })
        };
        let report = match words {
            ["stats-chart", from, upto] => Self::Chart(span(from, upto)?),
            ["statement-csv"] => Self::Statement,
            ["export", what, from, upto] => Self::Export(What::from_word(what)?, span(from, upto)?),
            _ => return None,
        };
        Some((customer, report))
    }
}

/// What making a report takes.
struct Workshop<'h> {
    book: &'h Book,
    blobs: &'h BlobStore,
    now: Timestamp,
}

/// Why a report could not be made this time.
enum Unmade {
    Book(BookError),
    Store(BlobError),
    Drawing,
}

impl From<BookError> for Unmade {
    fn from(error: BookError) -> Self {
        Self::Book(error)
    }
}

impl From<BlobError> for Unmade {
    fn from(error: BlobError) -> Self {
        Self::Store(error)
    }
}

/// A report that is stored and only has to be sent.
struct Made {
    outgoing: Outgoing,
    audit: Option<Audited>,
}

/// What the audit keeps of an export.
struct Audited {
    subject: String,
    detail: String,
}

impl Workshop<'_> {
    async fn make(&self, claim: Claim) -> Result<Verdict, LedgerError> {
        let Some((customer, report)) = Report::parse(&claim.subject) else {
            return Ok(Verdict::discard("the job names no report"));
        };
        match self.made(customer, report).await {
            Ok(made) => {
                self.send(claim, customer, made).await?;
                Ok(Verdict::Finished)
            }
            Err(Unmade::Book(error)) => Err(error.into()),
            Err(Unmade::Store(error)) => {
                Ok(Verdict::Retry(format!("the report can't be stored: {error}")))
            }
            Err(Unmade::Drawing) => Ok(Verdict::Retry("the chart could not be drawn".to_owned())),
        }
    }

    async fn made(&self, customer: CustomerId, report: Report) -> Result<Made, Unmade> {
        let lang = self.book.read(move |tx| reader_of(tx, customer)).await?;
        match report {
            Report::Chart(span) => self.chart(span, lang).await,
            Report::Statement => self.statement(customer, lang).await,
            Report::Export(what, span) => self.export(what, span, lang).await,
        }
    }

    async fn chart(&self, span: Span, lang: Lang) -> Result<Made, Unmade> {
        let days: Vec<Day> = self.book.read(move |tx| figures::days(tx, span)).await?;
        let drawn = tokio::task::spawn_blocking(move || chart::png(&days)).await;
        let png = drawn.ok().flatten().ok_or(Unmade::Drawing)?;
        let blob = self.blobs.put_bytes(png.into(), MediaType::Png).await?;
        let (from, upto) = first_and_last(span);
        let caption = ReportText::StatsChart { from, upto }.html(lang);
        let blob = blob.as_str().to_owned();
        Ok(Made {
            outgoing: Outgoing::Photo { blob, caption, buttons: Buttons::None },
            audit: None,
        })
    }

    async fn statement(&self, customer: CustomerId, lang: Lang) -> Result<Made, Unmade> {
        let (rows, bytes) = (STATEMENT_ROWS_MAX, FILE_BYTES_MAX);
        let file = statement_file(self.book, customer, lang, rows, bytes).await?;
        let rows = file.csv.rows();
        let caption = match file.is_cut {
            true => ReportText::LedgerFileCut { rows },
            false => ReportText::LedgerFileCaption { rows },
        };
        let name = format!("statement-{}.csv", day_name(self.now));
        let (blob, _) = self.store(file.csv).await?;
        Ok(Made { outgoing: document(blob, name, caption.html(lang)), audit: None })
    }

    async fn export(&self, what: What, span: Span, lang: Lang) -> Result<Made, Unmade> {
        let Exported { csv, is_cut } =
            export::export(self.book, what, span, FILE_BYTES_MAX).await?;
        let rows = csv.rows();
        let (blob, hash) = self.store(csv).await?;
        let (from, upto) = first_and_last(span);
        let subject = format!("{} {from} {upto}", what.as_str());
        let detail = format!("sha256={hash} rows={rows}{}", if is_cut { " cut" } else { "" });
        let name = format!("{}-{from}-{upto}.csv", what.as_str());
        let what = what.as_str().to_owned();
        let mut caption = ReportText::ExportCaption { what, from, upto, rows, hash }.html(lang);
        if is_cut {
            caption = format!("{caption}\n{}", ReportText::ExportCut { rows }.html(lang));
        }
        Ok(Made {
            outgoing: document(blob, name, caption),
            audit: Some(Audited { subject, detail }),
        })
    }

    /// Stores a file; its key and the SHA-256 of its contents.
    async fn store(&self, csv: Csv) -> Result<(String, String), BlobError> {
        let key = self.blobs.put_bytes(csv.into_bytes().into(), csv_media()).await?;
        Ok((key.as_str().to_owned(), key.hash().to_owned()))
    }

    async fn send(
        &self,
        claim: Claim,
        customer: CustomerId,
        made: Made,
    ) -> Result<(), LedgerError> {
        let now = self.now;
        self.book
            .write(move |tx| {
                // Whoever took the job over sends the file.
                if jobs::guard(tx, &claim)?.is_err() {
                    return Ok(());
                }
                if let Some(Audited { subject, detail }) = &made.audit {
                    let key = format!("export:{}", claim.job);
                    admin::note(tx, &key, customer, "export", subject, detail, now)?;
                }
                put(tx, customer, OutboxClass::Answer, &made.outgoing, None, None, now)?;
                Ok::<_, LedgerError>(jobs::done(tx, &claim, now)?)
            })
            .await
    }
}

fn document(blob: String, file_name: String, caption: String) -> Outgoing {
    Outgoing::Document { blob, number: 0, file_name, caption }
}

/// The store names files by what media they are; where it has no name for tables, the file's own name still tells.
fn csv_media() -> MediaType {
    MediaType::Csv
}

/// The days of a span as people name them, the last one included.
pub(super) fn first_and_last(span: Span) -> (String, String) {
    (day_name(span.from), day_name(Timestamp(span.upto.millis() - 1)))
}

#[cfg(test)]
#[path = "files/tests.rs"]
mod tests;
