//! Whether the house can work.

use rei_domain::ids::CustomerId;
use rei_storage::{BookError, customers};

use crate::House;

/// Reads a row of the book.
///
/// # Errors
/// [`BookError`] when it can't be read.
pub async fn book_answers(house: &House) -> Result<(), BookError> {
    house.book.read(|tx| customers::find(tx, CustomerId(0)).map(|_| ())).await
}
