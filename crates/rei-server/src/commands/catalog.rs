//! `rei catalog`: checks and prints what is sold, with cost and margin.

use std::process::ExitCode;

use clap::Subcommand;

use crate::settings::Settings;
use crate::wiring::catalog;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Names broken rows; exits with 1 if there are any. Example: rei catalog check
    Check,
    /// A table of price, cost and margin. Example: rei catalog show
    Show,
}

pub(super) fn run(settings: &Settings, args: &Args) -> anyhow::Result<ExitCode> {
    let catalog = catalog(settings)?;
    for broken in &catalog.broken {
        println!("{}: {}", broken.sku, broken.reason);
    }
    match args.command {
        Command::Check if catalog.broken.is_empty() => println!("every row can be sold"),
        Command::Check => return Ok(ExitCode::FAILURE),
        Command::Show => {
            println!(
                "{:<20} {:<6} {:>10} {:>10} {:>8}",
                "sku", "size", "price", "cost $", "margin"
            );
            for model in catalog.on_sale() {
                for row in &model.prices {
                    let cost_kopecks =
                        i128::from(row.cost.0) * i128::from(catalog.kopecks_per_usd) / 1_000_000;
                    let price = i128::from(row.sale.get());
                    let margin = (price - cost_kopecks) * 100 / price.max(1);
                    let dollars =
                        format!("{}.{:04}", row.cost.0 / 1_000_000, row.cost.0 % 1_000_000 / 100);
                    let sale = row.sale.to_string();
                    println!(
                        "{:<20} {:<6} {sale:>10} {dollars:>10} {margin:>7}%",
                        model.sku, row.size
                    );
                }
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}
