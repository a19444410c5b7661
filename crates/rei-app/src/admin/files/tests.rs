//! Reports on the real book: made once, sent to whoever asked, kept in the audit.

use rei_domain::ledger::{Account, Actor, IdempotencyKey, Rail, TransferKind};
use rei_domain::money::Kopecks;
use rei_storage::ledger::{self, NewTransfer};
use rei_storage::testing::{EngineKind, TestBook, fresh_book};
use rei_storage::{customers, outbox};
use sha2::{Digest, Sha256};
use std::time::Duration;

use super::*;

/// 2026-07-05, 14:05:09.
const NOW: Timestamp = Timestamp(1_783_260_309_000);
const BOSS: CustomerId = CustomerId(1);

struct World {
    fresh: TestBook,
    blobs: BlobStore,
    _folder: tempfile::TempDir,
}

impl World {
    async fn new(engine: EngineKind) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let blobs = BlobStore::open(folder.path()).expect("the folder can be made");
        // A book blocks while it is opened.
        let fresh = tokio::task::spawn_blocking(move || fresh_book(engine)).await.expect("a book");
        let world = Self { fresh, blobs, _folder: folder };
        let paid = world.fresh.book.write(|tx| {
            customers::seen(tx, BOSS, "Boss", Some("ru"), NOW)?;
            ledger::open_customer(tx, BOSS)?;
            for (number, memo) in [(1, "=HYPERLINK(1)"), (2, "plain")] {
                let new = NewTransfer {
                    kind: TransferKind::Topup,
                    debit: Account::Clearing(Rail::YooKassa),
                    credit: Account::cash(BOSS),
                    amount: Kopecks::from_rubles(100).into(),
                    key: IdempotencyKey::new(format!("pay-{number}"))?,
                    order: None,
                    payment: None,
                    actor: Actor::System,
                    memo: Some(memo.to_owned()),
                    at: NOW.minus(Duration::from_secs(number * 60)),
                };
                ledger::post(tx, &new)?;
            }
            Ok::<_, LedgerError>(())
        });
        paid.await.expect("the book works");
        world
    }

    /// Puts the report into the queue and lets one worker claim it.
    async fn claim(&self, report: Report) -> Claim {
        let subject = report.subject(BOSS);
        let claims = self.fresh.book.write(move |tx| {
            let id = JobId::new(NOW, &rei_domain::chance::SeededChance::new(1));
            let job = NewJob::new(id, CHATS_QUEUE, REPORT_JOB, subject.clone()).fair_to(BOSS);
            jobs::enqueue(tx, &job, NOW)?;
            claimed(tx, NOW)
        });
        claims.await.expect("the book works").expect("it is due")
    }

    async fn make(&self, claim: Claim) -> Verdict {
        let workshop = Workshop { book: &self.fresh.book, blobs: &self.blobs, now: NOW };
        workshop.make(claim).await.expect("the book works")
    }

    /// What is on its way to the owner's chat.
    async fn sent(&self) -> Vec<Outgoing> {
        let rows = self
            .fresh
            .book
            .write(|tx| outbox::claim(tx, NOW, NOW.plus(Duration::from_secs(20)), 10));
        let rows = rows.await.expect("the book works");
        rows.iter().map(|row| serde_json::from_str(&row.payload).expect("a message")).collect()
    }

    async fn file(&self, blob: &str) -> Vec<u8> {
        let key = blob.parse().expect("a key");
        self.blobs.get(&key).await.expect("it is stored").to_vec()
    }
}

fn claimed(tx: &mut Tx<'_>, now: Timestamp) -> Result<Option<Claim>, BookError> {
    let lease = now.plus(Duration::from_secs(30));
    let claims = jobs::claim(tx, "worker", CHATS_QUEUE, 1, now, lease)?;
    Ok(claims.into_iter().next())
}

fn both() -> Span {
    Period::parse("2026-07-05 2026-07-05", NOW).expect("a period").span
}

#[tokio::test]
async fn an_export_is_sent_and_its_hash_is_kept_in_the_audit() {
    for engine in EngineKind::ALL {
        let world = World::new(engine).await;
        let claim = world.claim(Report::Export(What::Ledger, both())).await;
        assert_eq!(world.make(claim).await, Verdict::Finished);
        let sent = world.sent().await;
        let [Outgoing::Document { blob, file_name, caption, .. }] = sent.as_slice() else {
            panic!("{sent:?}")
        };
        assert_eq!(file_name, "ledger-2026-07-05-2026-07-05.csv");
        let file = world.file(blob).await;
        let hash: String = Sha256::digest(&file).iter().map(|byte| format!("{byte:02x}")).collect();
        assert!(caption.contains(&hash), "{caption}");
        let text = String::from_utf8(file).expect("it is text");
        assert!(text.starts_with("\u{feff}seq,at,phase,kind,"));
        assert_eq!(text.lines().count(), 3);
        assert!(text.contains(",100.00,RUB,,,system,\"'=HYPERLINK(1)\",pay-1:0"), "{text}");
        let actions = world.fresh.book.read(move |tx| {
            tx.query(&AUDIT, &[])?
                .iter()
                .map(|row| row.text("detail"))
                .collect::<Result<Vec<_>, _>>()
        });
        let actions = actions.await.expect("the book is readable");
        assert_eq!(actions, [format!("sha256={hash} rows=2")]);
    }
}

static AUDIT: rei_storage::Sql =
    rei_storage::Sql::shared("select detail from admin_action where action = 'export'");

#[tokio::test]
async fn a_statement_is_a_file_and_a_chart_is_a_picture() {
    let world = World::new(EngineKind::Sqlite).await;
    let claim = world.claim(Report::Statement).await;
    assert_eq!(world.make(claim).await, Verdict::Finished);
    let sent = world.sent().await;
    let [Outgoing::Document { file_name, caption, .. }] = sent.as_slice() else {
        panic!("{sent:?}")
    };
    assert_eq!(file_name, "statement-2026-07-05.csv");
    assert_eq!(caption, "Все операции: 2 строки. Время по UTC.");
    let world = World::new(EngineKind::Sqlite).await;
    let claim = world.claim(Report::Chart(both())).await;
    assert_eq!(world.make(claim).await, Verdict::Finished);
    let sent = world.sent().await;
    let [Outgoing::Photo { blob, caption, .. }] = sent.as_slice() else { panic!("{sent:?}") };
    assert!(world.file(blob).await.starts_with(b"\x89PNG"));
    assert!(caption.chars().count() < 1_024);
}

#[tokio::test]
async fn a_worker_that_lost_the_job_sends_nothing() {
    for engine in EngineKind::ALL {
        let world = World::new(engine).await;
        let stale = world.claim(Report::Export(What::Ledger, both())).await;
        let later = NOW.plus(Duration::from_secs(3_600));
        let taken_over = world.fresh.book.write(move |tx| claimed(tx, later));
        let fresh = taken_over.await.expect("the book works").expect("its lease is over");
        assert_eq!(world.make(stale).await, Verdict::Finished);
        assert_eq!(world.sent().await, []);
        assert_eq!(world.make(fresh).await, Verdict::Finished);
        assert_eq!(world.sent().await.len(), 1);
    }
}

#[tokio::test]
async fn junk_is_discarded_and_a_dead_report_is_told() {
    for subject in
        ["", "1", "x:statement-csv", "1:export:prices:1:2", "1:stats-chart:1", "1:stats-chart:a:b"]
    {
        assert_eq!(Report::parse(subject), None, "{subject}");
    }
    for report in [Report::Statement, Report::Chart(both()), Report::Export(What::Jobs, both())] {
        assert_eq!(Report::parse(&report.subject(BOSS)), Some((BOSS, report)));
    }
    let world = World::new(EngineKind::Sqlite).await;
    let told = world.fresh.book.write(|tx| poisoned(tx, "1:statement-csv", NOW));
    told.await.expect("the book works");
    let sent = world.sent().await;
    let [Outgoing::Text { html, .. }] = sent.as_slice() else { panic!("{sent:?}") };
    assert!(html.starts_with("Не получилось сделать файл."));
}

#[tokio::test]
async fn figures_are_told_beside_those_before() {
    let world = World::new(EngineKind::Sqlite).await;
    let span = Span { from: NOW.minus(Duration::from_secs(90)), upto: NOW };
    let told = world.fresh.book.read(move |tx| {
        let with = summary(tx, span, Some(Kopecks::from_rubles(80)), Lang::En)?;
        Ok::<_, BookError>((with, summary(tx, span, None, Lang::En)?))
    });
    let (with, without) = told.await.expect("the book is readable");
    let flat = with.replace('\u{202f}', " ");
    assert!(flat.contains("Average top-up: 100 ₽ · 1 top-up\n"), "{flat}");
    assert!(flat.contains("Margin: <b>0 ₽</b> · — of revenue"), "{flat}");
    assert!(without.contains("Margin: — (the settings name no rate"), "{without}");
    assert!(with.chars().count() < 4_096);
}
