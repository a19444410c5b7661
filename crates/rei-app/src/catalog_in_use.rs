//! The catalogue as it counts right now: the file with the prices that admins set, less what a switch in the book has
//! turned off.

use std::collections::BTreeSet;
use std::sync::{Arc, PoisonError, RwLock};

use rei_domain::catalog::Catalog;
use rei_domain::clock::Timestamp;
use rei_domain::money::Kopecks;
use rei_storage::admins::{self, PriceVersion};
use rei_storage::{BookError, Tx};

/// The switch of one model, before its key.
pub(crate) const MODEL_PREFIX: &str = "model:";
/// The switch of one provider, before its name.
pub(crate) const PROVIDER_PREFIX: &str = "provider:";
/// The switch of all pictures.
pub(crate) const IMAGES: &str = "images";
/// The switch of all videos.
pub(crate) const VIDEOS: &str = "videos";

/// The shared catalogue. Cheap to read; replaced as a whole.
#[derive(Debug)]
pub struct CatalogInUse {
    file: Catalog,
    current: RwLock<Arc<Catalog>>,
    rest: RwLock<Rest>,
}

/// What else the book says about sales.
#[derive(Debug, Default)]
struct Rest {
    paused: BTreeSet<String>,
    prices: Vec<PriceVersion>,
    /// The latest moment that anybody named: prices with a later date wait.
    told: Option<Timestamp>,
}

/// A price for one row of a model's price table; none: the file's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PriceLine {
    pub(crate) sku: String,
    pub(crate) choice: String,
    pub(crate) price: Option<Kopecks>,
}

impl CatalogInUse {
    /// Starts with the file as it is.
    pub fn new(file: Catalog) -> Self {
        let current = RwLock::new(Arc::new(file.clone()));
        Self { file, current, rest: RwLock::default() }
    }

    /// The catalogue of this moment.
    pub fn current(&self) -> Arc<Catalog> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Providers through which nothing is sold until a person resumes it.
    pub fn paused(&self) -> BTreeSet<String> {
        self.rest.read().unwrap_or_else(PoisonError::into_inner).paused.clone()
    }

    /// The catalogue's file, with the owner's settings and without anything of the book.
    pub(crate) fn file(&self) -> &Catalog {
        &self.file
    }

    /// The catalogue as it would be with other prices: of every model, on sale or not.
    pub(crate) fn with_prices(&self, lines: &[PriceLine]) -> Catalog {
        let mut catalog = self.file.clone();
        let rest = self.rest.read().unwrap_or_else(PoisonError::into_inner);
        let changed = |version: &PriceVersion| {
            lines.iter().any(|it| it.sku == version.sku && it.choice == version.choice)
        };
        for version in rest.prices.iter().filter(|version| !changed(version)) {
            set(&mut catalog, &version.sku, &version.choice, version.price);
        }
        for line in lines {
            set(&mut catalog, &line.sku, &line.choice, line.price);
        }
        catalog
    }

    /// Applies the switches and the prices of the book. Prices with a date of their own count from the moment at which
    /// [`Self::refresh_at`] is told that it has come.
    ///
    /// # Errors
    /// [`BookError`] when the book can't be read; the catalogue stays as it was.
    pub fn refresh(&self, tx: &mut Tx<'_>) -> Result<(), BookError> {
        let told = self.rest.read().unwrap_or_else(PoisonError::into_inner).told;
        self.apply(tx, told)
    }

    /// Applies the switches of the book, and the prices that count at this moment.
    ///
    /// # Errors
    /// As [`Self::refresh`].
    pub fn refresh_at(&self, tx: &mut Tx<'_>, now: Timestamp) -> Result<(), BookError> {
        self.apply(tx, Some(now))
    }

    fn apply(&self, tx: &mut Tx<'_>, told: Option<Timestamp>) -> Result<(), BookError> {
        let mut catalog = self.file.clone();
        let mut rest = Rest { told, prices: admins::prices_in_use(tx, told)?, ..Rest::default() };
        for version in &rest.prices {
            set(&mut catalog, &version.sku, &version.choice, version.price);
        }
        for switch in admins::switches(tx)? {
            let off = switch.value == "off";
            match switch.name.as_str() {
                IMAGES if off => catalog.switch_off_where(|model| !model.kind.is_video()),
                VIDEOS if off => catalog.switch_off_where(|model| model.kind.is_video()),
                name if off => {
                    if let Some(sku) = name.strip_prefix(MODEL_PREFIX) {
                        catalog.switch_off(sku);
                    } else if let Some(provider) = name.strip_prefix(PROVIDER_PREFIX) {
                        rest.paused.insert(provider.to_owned());
                    }
                }
                _ => {}
            }
        }
        *self.rest.write().unwrap_or_else(PoisonError::into_inner) = rest;
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(catalog);
        Ok(())
    }
}

/// The row of a price table by its name: a size, or `size/sound`.
pub(crate) fn size_and_sound(choice: &str) -> (&str, &str) {
    choice.split_once('/').unwrap_or((choice, ""))
}

/// A row that has left the catalogue keeps its versions and sells nothing.
fn set(catalog: &mut Catalog, sku: &str, choice: &str, price: Option<Kopecks>) {
    if let Some(price) = price {
        let (size, sound) = size_and_sound(choice);
        catalog.set_price(sku, size, sound, price);
    }
}
