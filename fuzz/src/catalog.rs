//! The catalogue: the owner edits it by hand, and a slip must not sell anything for nothing.

use rei_domain::catalog::{Catalog, Choices, Measured, Model};
use rei_domain::chance::SeededChance;
use rei_domain::clock::Timestamp;
use rei_domain::ids::QuoteId;
use rei_domain::money::Kopecks;
use rei_domain::quote::{Quote, Wanted};

pub(crate) const WORDS: &[&str] = &[
    "[[model]]",
    "  [[model.price]]",
    "  [[model.input]]",
    "\nsale_kopecks = 999999999\n",
    "\nsale_kopecks = -1\n",
    "\ncost_micro_usd = 9223372036854775807\n",
    "\nkopecks_per_usd = 9223372036854775807\n",
    "\nmargin_percent = 9223372036854775807\n",
    "\nround_up_to_kopecks = -9223372036854775808\n",
    "\nbelow_cost = true\n",
    "\nfloor_kopecks = 9223372036854775807\n",
    "\nseconds = [4294967295]\n",
    "\ncount_max = 4\n",
    "\nlength_ms = [0, 9223372036854775807]\n",
    "\nratio_permille = [0, 9223372036854775807]\n",
    "\nside_px = [4294967295, 0]\n",
    "nan",
    "inf",
    "1979-05-27",
];

const NOW: Timestamp = Timestamp(1_795_478_400_000);

/// Whatever the file says, every row that it sells has a price above zero and an offer for all that can be chosen.
pub fn catalog(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let Ok(catalog) = Catalog::parse(text) else { return };
    for broken in &catalog.broken {
        assert!(!broken.sku.is_empty() && !broken.reason.is_empty(), "{broken:?}");
    }
    for model in catalog.on_sale() {
        assert!(model.has(&model.default_choices()), "{} lacks its own default", model.sku);
        for choices in all_choices(model) {
            for length_ms in lengths(model) {
                check_offer(&catalog, &choices, length_ms);
            }
        }
        for input in &model.inputs {
            for file in files() {
                let _ = input.check(&file);
            }
        }
    }
}

fn check_offer(catalog: &Catalog, choices: &Choices, length_ms: Option<u64>) {
    let wanted = Wanted {
        prompt: "кот".to_owned(),
        choices: choices.clone(),
        inputs: Vec::new(),
        length_ms,
    };
    let id = QuoteId::new(NOW, &SeededChance::new(1));
    let quote = Quote::make(catalog, wanted, id, NOW);
    let price = match quote {
        Ok(quote) => quote.price,
        // A row may take no more than a word or two.
        Err(rei_domain::quote::QuoteError::PromptTooLong { .. }) => return,
        Err(error) => panic!("{error}: {choices:?} of {length_ms:?} ms"),
    };
    assert!(price.is_positive() && price <= Kopecks::OPERATION_MAX, "{choices:?} cost {price}");
}

/// Everything that a customer can choose.
fn all_choices(model: &Model) -> Vec<Choices> {
    let counts = 1..=model.count_max;
    let one_row = model.combinations().into_iter();
    one_row
        .flat_map(|it| counts.clone().map(move |count| Choices { count, ..it.clone() }))
        .collect()
}

/// The lengths of clips that the row takes, where its price follows from them.
fn lengths(model: &Model) -> Vec<Option<u64>> {
    if !model.length_follows_input() {
        return vec![None];
    }
    let clips = model.inputs.iter().filter(|input| input.slot.is_video());
    let bounds = clips.filter_map(|clip| clip.length_ms);
    let ends = bounds.flat_map(|[shortest, longest]| [shortest.max(1), longest]);
    let ends: Vec<_> = ends.map(Some).collect();
    if ends.is_empty() { vec![Some(1_000)] } else { ends }
}

/// Files of every size, the largest that can be said among them.
fn files() -> impl Iterator<Item = Measured> {
    let sides = [(1, 1), (u32::MAX, u32::MAX), (1, u32::MAX), (u32::MAX, 1), (1_280, 720)];
    sides.into_iter().flat_map(|(width, height)| {
        [("jpg", None), ("mp4", Some(0)), ("mp4", Some(u64::MAX))].map(|(file_type, length_ms)| {
            let (file_type, size_bytes) = (file_type.to_owned(), 1_000);
            Measured { file_type, size_bytes, width, height, length_ms }
        })
    })
}
