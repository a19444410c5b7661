//! The catalogue as it counts right now: the file, less what a switch in the book has turned off.

use std::sync::{Arc, PoisonError, RwLock};

use rei_domain::catalog::Catalog;
use rei_storage::{BookError, Tx, admin};

/// The shared catalogue. Cheap to read; replaced as a whole.
#[derive(Debug)]
pub struct CatalogInUse {
    file: Catalog,
    current: RwLock<Arc<Catalog>>,
}

impl CatalogInUse {
    /// Starts with the file as it is.
    pub fn new(file: Catalog) -> Self {
        let current = RwLock::new(Arc::new(file.clone()));
        Self { file, current }
    }

    /// The catalogue of this moment.
    pub fn current(&self) -> Arc<Catalog> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Applies the switches of the book.
    ///
    /// # Errors
    /// [`BookError`] when the book can't be read; the catalogue stays as it was.
    pub fn refresh(&self, tx: &mut Tx<'_>) -> Result<(), BookError> {
        let mut catalog = self.file.clone();
        for (name, value) in admin::switches(tx)? {
            if let (Some(sku), "off") = (name.strip_prefix("model:"), value.as_str()) {
                catalog.switch_off(sku);
            }
        }
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(catalog);
        Ok(())
    }
}
