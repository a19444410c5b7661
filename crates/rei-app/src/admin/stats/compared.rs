//! What a span of time brought, each figure beside that of the span before, in words.

use rei_domain::money::{Kopecks, MicroUsd};
use rei_storage::figures::{
    self, ModelFigures, MoneyFigures, PeopleFigures, RailFigures, Span, WaitFigures,
};
use rei_storage::{BookError, Tx, jobs, outbox};
use rei_texts::{Lang, ReportText};

use crate::admin::files::first_and_last;

/// Models in one summary.
const MODELS_SHOWN: usize = 10;
/// Models that are read, so that each of those shown finds itself in the span before.
const MODELS_READ: i64 = 200;

/// All figures of one span.
struct Figures {
    money: MoneyFigures,
    people: PeopleFigures,
    models: Vec<ModelFigures>,
    rails: Vec<RailFigures>,
    waits: Vec<WaitFigures>,
}

/// The figures of a span of time, compared with the span before, as Telegram HTML. `usd_rate`: what a dollar costs the
/// owner; without it there is no margin.
///
/// # Errors
/// [`BookError`] when the book can't be read.
pub fn summary(
    tx: &mut Tx<'_>,
    span: Span,
    usd_rate: Option<Kopecks>,
    lang: Lang,
) -> Result<String, BookError> {
    let (now, before) = (read(tx, span)?, read(tx, span.before())?);
    let queue =
        ReportText::StatsQueue { live: jobs::count_live(tx)?, outbox: outbox::count_live(tx)? };
    let (from, upto) = first_and_last(span);
    let paragraphs = [
        vec![ReportText::StatsHead { from, upto }],
        money(&now, &before, usd_rate),
        people(&now, &before),
        work(&now, &before),
        vec![queue],
    ];
    let told = |texts: &Vec<ReportText>| {
        texts.iter().map(|text| text.html(lang)).collect::<Vec<_>>().join("\n")
    };
    let told: Vec<String> = paragraphs.iter().filter(|it| !it.is_empty()).map(told).collect();
    Ok(told.join("\n\n"))
}

fn read(tx: &mut Tx<'_>, span: Span) -> Result<Figures, BookError> {
    Ok(Figures {
        money: figures::money(tx, span)?,
        people: figures::people(tx, span)?,
        models: figures::models(tx, span, MODELS_READ)?,
        rails: figures::rails(tx, span)?,
        waits: figures::waits(tx, span)?,
    })
}

fn money(now: &Figures, before: &Figures, usd_rate: Option<Kopecks>) -> Vec<ReportText> {
    let (money, was) = (&now.money, &before.money);
    let sums = |now: Kopecks, before: Kopecks| change(now.get(), before.get());
    let margin = usd_rate.map(|rate| (margin(money, rate), margin(was, rate)));
    vec![
        ReportText::StatsRevenue { sum: money.revenue, change: sums(money.revenue, was.revenue) },
        ReportText::StatsGiven {
            sum: money.given_away,
            change: sums(money.given_away, was.given_away),
            bonus: money.bonus,
        },
        ReportText::StatsPaidBack {
            sum: money.paid_back,
            change: sums(money.paid_back, was.paid_back),
            percent: percent(money.paid_back.get(), money.topups.get()),
        },
        ReportText::StatsCost {
            sum: dollars(money.cost),
            change: change(money.cost.0, was.cost.0),
            fees: money.fees,
            feeschange: sums(money.fees, was.fees),
        },
        match margin {
            None => ReportText::StatsMarginUnknown {},
            Some((sum, before)) => ReportText::StatsMargin {
                sum,
                change: sums(sum, before),
                percent: percent(sum.get(), money.revenue.get()),
            },
        },
    ]
}

/// What is left of the revenue after payment systems and providers.
fn margin(money: &MoneyFigures, rate: Kopecks) -> Kopecks {
    let cost = i128::from(money.cost.0) * i128::from(rate.get());
    // Rounded up: a margin is rather a kopeck too small than too large.
    let cost = cost.div_euclid(1_000_000) + i128::from(cost.rem_euclid(1_000_000) > 0);
    let cost = i64::try_from(cost).unwrap_or(i64::MAX);
    Kopecks::new(money.revenue.get().saturating_sub(money.fees.get()).saturating_sub(cost))
}

fn people(now: &Figures, before: &Figures) -> Vec<ReportText> {
    let (people, was) = (&now.people, &before.people);
    let average = |of: &MoneyFigures| share(of.topups, of.topups_count);
    let arpu = |of: &Figures| share(of.money.revenue, of.people.active);
    vec![
        ReportText::StatsPeople {
            came: people.came,
            camechange: change(people.came, was.came),
            active: people.active,
            activechange: change(people.active, was.active),
            paying: people.paying,
            payingchange: change(people.paying, was.paying),
        },
        ReportText::StatsConversion {
            percent: percent(people.came_and_paid, people.came),
            change: change_of_shares(
                (people.came_and_paid, people.came),
                (was.came_and_paid, was.came),
            ),
        },
        ReportText::StatsAverage {
            sum: average(&now.money),
            change: change(average(&now.money).get(), average(&before.money).get()),
            count: now.money.topups_count,
        },
        ReportText::StatsArpu {
            sum: arpu(now),
            change: change(arpu(now).get(), arpu(before).get()),
        },
    ]
}

fn work(now: &Figures, before: &Figures) -> Vec<ReportText> {
    let mut told = Vec::new();
    for model in now.models.iter().take(MODELS_SHOWN) {
        let was = before.models.iter().find(|was| was.sku == model.sku);
        let ended = |of: &ModelFigures| (of.made, of.made + of.lost);
        let (made, all) = ended(model);
        told.push(ReportText::StatsModel {
            sku: model.sku.clone(),
            percent: percent(made, all),
            change: change_of_shares((made, all), was.map_or((0, 0), ended)),
            placed: model.placed,
        });
    }
    if now.models.len() > MODELS_SHOWN {
        let limit = i64::try_from(MODELS_SHOWN).unwrap_or(i64::MAX);
        told.push(ReportText::StatsModelsMore { limit });
    }
    for rail in &now.rails {
        let was = before.rails.iter().find(|was| was.rail == rail.rail);
        let ended = |of: &RailFigures| (of.paid, of.paid + of.lost);
        let (paid, all) = ended(rail);
        told.push(ReportText::StatsRail {
            rail: rail.rail.clone(),
            percent: percent(paid, all),
            change: change_of_shares((paid, all), was.map_or((0, 0), ended)),
            paid,
        });
    }
    for wait in &now.waits {
        let was = before.waits.iter().find(|was| was.is_video == wait.is_video);
        told.push(ReportText::StatsWait {
            what: if wait.is_video { "video" } else { "image" }.to_owned(),
            half: minutes(wait.p50_ms),
            most: minutes(wait.p95_ms),
            change: change(wait.p50_ms, was.map_or(0, |was| was.p50_ms)),
        });
    }
    told
}

/// ` ▲12 %`; nothing where there was nothing to compare with.
fn change(now: i64, before: i64) -> String {
    let difference = i128::from(now) - i128::from(before);
    if before == 0 || difference == 0 {
        return String::new();
    }
    let arrow = if difference > 0 { '▲' } else { '▼' };
    let before = i128::from(before).abs();
    let percent = (difference.abs() * 100 + before / 2) / before;
    match percent {
        0 => String::new(),
        // A beginning is not measured by what it grew from.
        1_000.. => format!(" {arrow}×{}", percent / 100 + 1),
        percent => format!(" {arrow}{percent}\u{202f}%"),
    }
}

/// How a share of a whole changed; each is a part and its whole.
fn change_of_shares(now: (i64, i64), before: (i64, i64)) -> String {
    match (permille(now.0, now.1), permille(before.0, before.1)) {
        (Some(now), Some(before)) => change(now, before),
        _ => String::new(),
    }
}

/// `12,5 %`; a dash where there is no whole.
fn percent(part: i64, whole: i64) -> String {
    match permille(part, whole) {
        None => "—".to_owned(),
        Some(permille) if permille % 10 == 0 => format!("{}\u{202f}%", permille / 10),
        Some(permille) => {
            let sign = if permille < 0 { "−" } else { "" };
            let permille = permille.unsigned_abs();
            format!("{sign}{},{}\u{202f}%", permille / 10, permille % 10)
        }
    }
}

fn permille(part: i64, whole: i64) -> Option<i64> {
    (whole > 0).then(|| {
        let permille = (i128::from(part) * 1_000).div_euclid(i128::from(whole));
        i64::try_from(permille).unwrap_or(i64::MAX)
    })
}

fn share(sum: Kopecks, count: i64) -> Kopecks {
    Kopecks::new(sum.get().checked_div(count).unwrap_or(0))
}

fn dollars(cost: MicroUsd) -> String {
    let cents = cost.0.unsigned_abs().div_ceil(10_000);
    format!("{},{:02}\u{202f}$", cents / 100, cents % 100)
}

/// `2:05`.
fn minutes(ms: i64) -> String {
    let seconds = ms.max(0).saturating_add(999) / 1_000;
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn changes_are_told_in_percent_of_what_was() {
        assert_eq!(change(150, 100), " ▲50\u{202f}%");
        assert_eq!(change(50, 100), " ▼50\u{202f}%");
        assert_eq!(change(100, 100), "");
        assert_eq!(change(100, 0), "", "there was nothing to compare with");
        assert_eq!(change(-100, 100), " ▼200\u{202f}%");
        assert_eq!(change(1_200, 100), " ▲×12");
        assert_eq!(change_of_shares((3, 4), (1, 2)), " ▲50\u{202f}%");
        assert_eq!(change_of_shares((3, 4), (0, 0)), "");
    }

    #[test]
    fn shares_are_told_as_percent() {
        assert_eq!(percent(1, 8), "12,5\u{202f}%");
        assert_eq!(percent(1, 2), "50\u{202f}%");
        assert_eq!(percent(0, 0), "—");
        assert_eq!([minutes(31_000), minutes(124_001)], ["0:31", "2:05"]);
    }

    #[test]
    fn a_margin_is_what_payment_systems_and_providers_leave() {
        let money = MoneyFigures {
            revenue: Kopecks::from_rubles(100),
            fees: Kopecks::new(350),
            cost: MicroUsd(134_001),
            ..MoneyFigures::default()
        };
        // 0.134001 $ at 80 ₽ are 10.72008 ₽.
        assert_eq!(margin(&money, Kopecks::from_rubles(80)), Kopecks::new(8_577));
    }

    proptest! {
        #[test]
        fn any_figures_can_be_told(now: i64, before: i64) {
            let _ = (change(now, before), percent(now, before), minutes(now));
            let _ = change_of_shares((now, before), (before, now));
        }
    }
}
