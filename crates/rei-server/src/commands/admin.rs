//! `rei admin`: what owners do without the chat.

mod webhook_url;

use std::process::ExitCode;

use anyhow::bail;
use clap::Subcommand;
use rei_app::admin::{AddOutcome, Stats, add, stats};
use rei_domain::ids::{CustomerId, MessageId};
use rei_storage::ledger::LedgerError;

use super::quiet_house;
use crate::settings::Settings;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Credits a customer. Example: rei admin add 42 10,50 a gift
    Add {
        /// The customer's number.
        id: i64,
        /// Rubles: 100 or 10,50.
        sum: String,
        /// Why.
        #[arg(required = true, num_args = 1..)]
        reason: Vec<String>,
    },
    /// Prints the figures. Example: rei admin stats
    Stats,
    /// Prints the address to register at YooKassa for notifications; it is a secret. Example: rei admin webhook-url
    WebhookUrl,
}

pub(super) fn run(settings: &Settings, args: &Args) -> anyhow::Result<ExitCode> {
    if matches!(args.command, Command::WebhookUrl) {
        return webhook_url::run(settings);
    }
    let house = quiet_house(settings)?;
    let now = house.now();
    match &args.command {
        Command::WebhookUrl => {}
        Command::Add { id, sum, reason } => {
            // Each call of the command is one credit: its moment stands for the message it doesn't have.
            let (actor, message) = (CustomerId(0), MessageId(now.millis()));
            let words = format!("{id} {sum} {}", reason.join(" "));
            let outcome =
                house.book.blocking_write(move |tx| add(tx, actor, message, &words, now))?;
            match outcome {
                AddOutcome::Added { id, sum, balance, .. } => {
                    println!("credited {sum} to {id}, who now has {balance}")
                }
                AddOutcome::BadSum(sum) => bail!("`{sum}` is not a sum such as 100 or 10,50"),
                AddOutcome::UnknownCustomer(id) => {
                    bail!("nobody with the number {id} has written to the bot")
                }
                AddOutcome::Usage | AddOutcome::NoReason { .. } => {
                    bail!("use: rei admin add ID SUM reason")
                }
                AddOutcome::Repeated { .. } => {
                    bail!("the same command was carried out in this very moment")
                }
            }
        }
        Command::Stats => {
            let figures: Stats =
                house.book.blocking_read(move |tx| stats(tx, now).map_err(LedgerError::from))?;
            let sums = figures.figures();
            println!(
                "customers {}, new in 24 h {}",
                figures.counts.customers, figures.counts.fresh
            );
            println!(
                "orders {}, delivered {}, given back {}, active {}",
                figures.counts.orders,
                figures.counts.delivered,
                figures.counts.refunded,
                figures.counts.active
            );
            println!(
                "revenue {}, in wallets {}, provider cost {} $",
                sums.revenue, sums.wallets, sums.cost
            );
            println!("jobs {}, messages on their way {}", figures.queue, figures.outbox);
        }
    }
    Ok(ExitCode::SUCCESS)
}
