//! `rei audit`: re-adds the whole book, checks every invariant and seal, prints the trial balance.

use std::process::ExitCode;

use rei_domain::ledger::{Currency, Money};
use rei_storage::ledger::{self, AuditReport};
use serde_json::json;

use crate::settings::Settings;
use crate::wiring::open_book;

pub(super) fn run(settings: &Settings, as_json: bool) -> anyhow::Result<ExitCode> {
    let book = open_book(settings)?;
    let report = book.blocking_read(ledger::audit)?;
    if as_json {
        println!("{}", in_json(&report));
    } else {
        print_table(&report);
    }
    Ok(if report.is_sound() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn print_table(report: &AuditReport) {
    println!("{:<28} {:>20} {:>20}", "account", "debit", "credit");
    for line in &report.trial.lines {
        let side =
            |balance: i64| if balance > 0 { shown(line.currency, balance) } else { String::new() };
        println!("{:<28} {:>20} {:>20}", line.account, side(line.balance), side(-line.balance));
    }
    for currency in [Currency::Rub, Currency::Usd] {
        let difference = report.trial.difference(currency);
        println!("trial balance {}: {}", currency.as_str(), shown(currency, difference));
    }
    println!(
        "{} transfers read, {} seals checked, {} findings",
        report.transfers, report.seals, report.findings.count
    );
    for finding in &report.findings.kept {
        println!("  {finding}");
    }
}

fn in_json(report: &AuditReport) -> serde_json::Value {
    let lines: Vec<_> = report
        .trial
        .lines
        .iter()
        .map(|line| json!({ "account": line.account, "currency": line.currency.as_str(), "balance": line.balance }))
        .collect();
    json!({
        "sound": report.is_sound(),
        "transfers": report.transfers,
        "seals": report.seals,
        "trial_balance": {
            "RUB": report.trial.difference(Currency::Rub),
            "USD": report.trial.difference(Currency::Usd),
        },
        "accounts": lines,
        "findings": report.findings.kept.iter().map(ToString::to_string).collect::<Vec<_>>(),
    })
}

/// A sum with the unit of its currency; dollars with four decimals.
fn shown(currency: Currency, minor: i64) -> String {
    match Money::of(currency, minor) {
        Money::Rub(sum) => sum.to_string(),
        Money::Usd(sum) => {
            let (whole, part) =
                (sum.0.unsigned_abs() / 1_000_000, sum.0.unsigned_abs() % 1_000_000);
            format!("{}{whole}.{:04} $", if sum.0 < 0 { "-" } else { "" }, part / 100)
        }
    }
}
