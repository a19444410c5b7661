//! Sums as people and YooKassa write them.

use rei_app::presents::PromoSpec;
use rei_domain::clock::Timestamp;
use rei_domain::money::Kopecks;
use rei_yookassa::money;

pub(crate) const WORDS: &[&str] = &[
    "10,50",
    "10.5",
    "0.01",
    "10000000",
    "999999999.99",
    "1e9",
    "\u{661}",
    "\u{ff10}",
    " ",
    "+",
    "−",
];

const NOW: Timestamp = Timestamp(1_795_478_400_000);

/// A sum that is taken is the one that was written, to the kopeck and within its bounds.
pub fn money(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    if let Ok(sum) = Kopecks::parse_rubles(text) {
        assert!(sum.is_positive() && sum <= Kopecks::OPERATION_MAX, "{text:?} is {sum}");
        assert_eq!(plain(text), plain(&written(sum, ',')), "{text:?} was read as {sum}");
        for point in [',', '.'] {
            assert_eq!(Kopecks::parse_rubles(&written(sum, point)), Ok(sum));
        }
    }
    if let Ok(sum) = money::parse(text) {
        let written = money::print(sum).expect("what is read can be written");
        assert_eq!(plain(text), plain(&written), "{text:?} was read as {sum}");
        assert_eq!(money::parse(&written), Ok(sum));
    }
    if let Ok(spec) = PromoSpec::parse(text, NOW) {
        assert!(spec.amount().is_positive() && spec.amount() <= Kopecks::OPERATION_MAX, "{text:?}");
    }
}

fn written(sum: Kopecks, point: char) -> String {
    format!("{}{point}{:02}", sum.get() / 100, sum.get() % 100)
}

/// A sum without what does not change it: blanks around it, zeros at its ends, the kind of its point.
fn plain(text: &str) -> String {
    let text = text.trim().replace(',', ".");
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    format!("{}.{}", whole.trim_start_matches('0'), fraction.trim_end_matches('0'))
}
