//! The catalogue as it counts right now: the file, less what a switch in the book has turned off.

use std::collections::BTreeSet;
use std::sync::{Arc, PoisonError, RwLock};

use rei_domain::catalog::Catalog;
use rei_storage::{BookError, Tx, admin};

/// The shared catalogue. Cheap to read; replaced as a whole.
#[derive(Debug)]
pub struct CatalogInUse {
    file: Catalog,
    current: RwLock<Arc<Catalog>>,
    paused: RwLock<BTreeSet<String>>,
}

impl CatalogInUse {
    /// Starts with the file as it is.
    pub fn new(file: Catalog) -> Self {
        let current = RwLock::new(Arc::new(file.clone()));
        Self { file, current, paused: RwLock::default() }
    }

    /// The catalogue of this moment.
    pub fn current(&self) -> Arc<Catalog> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Providers through which nothing is sold until a person resumes it.
    pub fn paused(&self) -> BTreeSet<String> {
        self.paused.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Applies the switches of the book.
    ///
    /// # Errors
    /// [`BookError`] when the book can't be read; the catalogue stays as it was.
    pub fn refresh(&self, tx: &mut Tx<'_>) -> Result<(), BookError> {
        let mut catalog = self.file.clone();
        let mut paused = BTreeSet::new();
        for (name, value) in admin::switches(tx)? {
            if value != "off" {
                continue;
            }
            if let Some(sku) = name.strip_prefix("model:") {
                catalog.switch_off(sku);
            } else if let Some(provider) = name.strip_prefix("provider:") {
                paused.insert(provider.to_owned());
            }
        }
        *self.paused.write().unwrap_or_else(PoisonError::into_inner) = paused;
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(catalog);
        Ok(())
    }
}
