//! Objects in the order of their coming, found by id.

use std::collections::HashMap;

/// What has an id.
pub(super) trait HasId {
    fn id(&self) -> &str;
}

/// A growing list of objects.
#[derive(Debug)]
pub(super) struct Shelf<T> {
    items: Vec<T>,
    by_id: HashMap<String, usize>,
}

impl<T> Default for Shelf<T> {
    fn default() -> Self {
        Self { items: Vec::new(), by_id: HashMap::new() }
    }
}

impl<T: HasId> Shelf<T> {
    pub(super) fn add(&mut self, item: T) {
        self.by_id.insert(item.id().to_owned(), self.items.len());
        self.items.push(item);
    }

    pub(super) fn get(&self, id: &str) -> Option<&T> {
        self.items.get(*self.by_id.get(id)?)
    }

    pub(super) fn get_mut(&mut self, id: &str) -> Option<&mut T> {
        self.items.get_mut(*self.by_id.get(id)?)
    }

    /// Oldest first.
    pub(super) fn all(&self) -> &[T] {
        &self.items
    }
}
