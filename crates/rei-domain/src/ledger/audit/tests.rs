//! A small sound book, and every way to break it that the auditor knows.

use super::*;
use crate::clock::Timestamp;
use crate::ids::CustomerId;
use crate::ledger::{
    Actor, HoldLeg, IdempotencyKey, LegShare, NewHold, NewTransfer, Pocket, PocketOrder, Rail,
    Resolution, RuleError, Sale, SealHash, Sealer, TransferKind, Verdict,
};

const ANNA: CustomerId = CustomerId(7);

fn key(name: &str) -> IdempotencyKey {
    IdempotencyKey::new(name).expect("a good key")
}

/// What a book consists of, as an auditor gets it.
#[derive(Clone)]
struct Rows {
    transfers: Vec<Transfer>,
    accounts: Vec<AccountRow>,
    open: Vec<OpenHoldRow>,
    checkpoints: Vec<CheckpointRow>,
    seals: Vec<SealRow>,
}

fn topup(kopecks: i64, prev: Option<TransferId>) -> Transfer {
    let new = NewTransfer {
        kind: TransferKind::Topup,
        debit: Account::Clearing(Rail::YooKassa),
        credit: Account::cash(ANNA),
        amount: Kopecks::new(kopecks).into(),
        key: key(&format!("topup-{kopecks}")),
        order: None,
        payment: None,
        actor: Actor::System,
        memo: None,
        at: Timestamp(1_000),
    };
    new.row(prev)
}

fn hold(kopecks: i64, prev: Option<TransferId>) -> Transfer {
    let amount = Kopecks::new(kopecks);
    let new = NewHold {
        kind: TransferKind::Order,
        customer: ANNA,
        first: PocketOrder::Only(Pocket::Cash),
        amount,
        credit: Account::Revenue(Sale::Image),
        key: key(&format!("hold-{kopecks}")),
        order: None,
        payment: None,
        actor: Actor::Customer,
        expires_at: Timestamp(9_000),
        at: Timestamp(2_000),
    };
    new.row(0, HoldLeg { pocket: Pocket::Cash, amount }, prev)
}

fn capture(held: &Transfer, kopecks: i64, prev: Option<TransferId>) -> Transfer {
    let captured = Kopecks::new(kopecks);
    let released = captured.missing_to(Kopecks::new(held.amount.minor()));
    let hold = held.linked.expect("a hold is linked");
    let at = Timestamp(3_000);
    let new = Resolution { hold, key: key("capture"), actor: Actor::System, memo: None, at };
    let share = LegShare { captured, released };
    new.row(0, Verdict::Capture(captured), held, share, prev)
}

/// 1: 100 in. 2: 60 held. 3: 40 of them captured. 4: 30 held. Sealed as 1–2 and 3–4, checkpointed at 3.
fn sound() -> Rows {
    let mut transfers = vec![topup(100, None)];
    transfers.push(hold(60, Some(transfers[0].id)));
    transfers.push(capture(&transfers[1], 40, Some(transfers[1].id)));
    transfers.push(hold(30, Some(transfers[2].id)));
    for (seq, row) in (1..).zip(&mut transfers) {
        row.seq = seq;
    }
    let last = &transfers[3];
    let sums = |debits, credits| Sums { debits, credits };
    Rows {
        accounts: vec![AccountRow {
            account: Account::cash(ANNA),
            free: Kopecks::new(30),
            held: Kopecks::new(30),
            frozen: false,
            tip: Some(last.id),
        }],
        open: vec![OpenHoldRow {
            leg: last.id,
            hold: HoldId(last.id),
            debit: last.debit.clone(),
            credit: last.credit.clone(),
            amount: Kopecks::new(30),
            order: None,
        }],
        checkpoints: vec![
            CheckpointRow { account: Account::cash(ANNA), sums: sums(40, 100) },
            CheckpointRow { account: Account::Clearing(Rail::YooKassa), sums: sums(100, 0) },
            CheckpointRow { account: Account::Revenue(Sale::Image), sums: sums(0, 40) },
        ],
        seals: seals(&transfers),
        transfers,
    }
}

fn seals(transfers: &[Transfer]) -> Vec<SealRow> {
    let mut prev_hash = SealHash::GENESIS;
    let mut made = Vec::new();
    for (number, batch) in (1..).zip(transfers.chunks(2)) {
        let hash = batch.iter().fold(Sealer::after(prev_hash), Sealer::with).finish();
        let (from_seq, upto_seq) = (number * 2 - 1, number * 2);
        let sealed_at = Timestamp(4_000);
        made.push(SealRow { number, from_seq, upto_seq, transfers: 2, prev_hash, hash, sealed_at });
        prev_hash = hash;
    }
    made
}

fn audit(rows: &Rows) -> Vec<Finding> {
    let mut auditor = Auditor::whole(3, rows.seals.clone());
    rows.transfers.iter().for_each(|row| auditor.take(row));
    let (transfers, findings) = auditor.finish(&rows.accounts, &rows.open, &rows.checkpoints);
    assert_eq!(transfers, 4);
    findings.kept
}

/// Changes the sound book and expects this among the findings.
fn check(change: impl Fn(&mut Rows), expected: &Finding) {
    let mut rows = sound();
    change(&mut rows);
    let found = audit(&rows);
    assert!(found.contains(expected), "{expected:?} is not in {found:?}");
}

/// As [`check`], for one who makes the seals anew after the change.
fn check_resealed(change: impl Fn(&mut Rows), expected: &Finding) {
    check(
        |rows| {
            change(rows);
            rows.seals = seals(&rows.transfers);
        },
        expected,
    );
}

#[test]
fn a_sound_book_has_no_findings() {
    assert_eq!(audit(&sound()), []);
}

#[test]
fn a_changed_transfer_is_found_even_with_new_seals() {
    check_resealed(
        |rows| rows.transfers[0].amount = Kopecks::new(101).into(),
        &Finding::ForeignHash { seq: 1 },
    );
    check_resealed(|rows| rows.transfers[2].total = 41, &Finding::ForeignHash { seq: 3 });
    check_resealed(|rows| rows.transfers[1].at = Timestamp(2_001), &Finding::ForeignId { seq: 2 });
    check_resealed(|rows| rows.transfers[3].prev = None, &Finding::ChainBroken { seq: 4 });
    check_resealed(
        |rows| rows.transfers[2].amount = Kopecks::new(61).into(),
        &Finding::AmountDiffersFromItsHold { seq: 3, amount: 61, held: 60 },
    );
    check_resealed(
        |rows| rows.transfers[2].credit = Account::Revenue(Sale::Video),
        &Finding::DiffersFromItsHold { seq: 3 },
    );
    check_resealed(
        |rows| rows.transfers[2].hold = Some(rows.transfers[0].id),
        &Finding::ResolvesNoOpenHold { seq: 3 },
    );
    check_resealed(
        |rows| rows.transfers[0].kind = TransferKind::Promo,
        &Finding::BreaksRule {
            seq: 1,
            rule: RuleError::WrongAccounts { kind: TransferKind::Promo },
        },
    );
    check_resealed(
        |rows| rows.transfers[3].amount = Kopecks::new(61).into(),
        &Finding::Overdrawn { seq: 4, account: "customer:7:cash".to_owned() },
    );
}

#[test]
fn a_changed_word_is_found_by_its_seal() {
    check(
        |rows| rows.transfers[3].memo = Some("harmless".to_owned()),
        &Finding::SealDiffers { number: 2, from_seq: 3, upto_seq: 4 },
    );
    check(|rows| _ = rows.seals.remove(0), &Finding::SealsBroken { number: 2 });
    check(|rows| rows.seals[1].prev_hash = SealHash::GENESIS, &Finding::SealsBroken { number: 2 });
    check(
        |rows| rows.seals[1].transfers = 1,
        &Finding::SealDiffers { number: 2, from_seq: 3, upto_seq: 4 },
    );
}

#[test]
fn rows_beside_the_transfers_are_compared_with_them() {
    let account = || "customer:7:cash".to_owned();
    check(
        |rows| rows.accounts[0].free = Kopecks::new(31),
        &Finding::BalanceDiffers { account: account(), kept: (31, 30), transfers_say: (30, 30) },
    );
    check(|rows| rows.accounts[0].tip = None, &Finding::TipDiffers { account: account() });
    check(
        |rows| rows.accounts[0].free = Kopecks::new(-1),
        &Finding::OverdrawnNotFrozen { account: account() },
    );
    check(|rows| rows.accounts.clear(), &Finding::NoSuchAccount { account: account() });
    let leg = sound().open[0].leg;
    check(|rows| rows.open.clear(), &Finding::OpenHoldMissing { leg });
    check(|rows| rows.open[0].amount = Kopecks::new(29), &Finding::OpenHoldDiffers { leg });
    let ended = sound().transfers[1].id;
    check(|rows| rows.open[0].leg = ended, &Finding::OpenHoldWithoutTransfer { leg: ended });
    check(
        |rows| rows.checkpoints[2].sums.credits = 41,
        &Finding::CheckpointDiffers { account: "revenue:image".to_owned() },
    );
    check(
        |rows| _ = rows.checkpoints.remove(0),
        &Finding::CheckpointDiffers { account: account() },
    );
}

#[test]
fn only_so_many_findings_are_kept_but_all_are_counted() {
    let mut findings = Findings::default();
    for seq in 0..500 {
        findings.add(Finding::ForeignId { seq });
    }
    assert_eq!((findings.kept.len(), findings.count), (Findings::KEPT_MAX, 500));
}
