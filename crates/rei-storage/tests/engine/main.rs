//! What the book promises about transactions.

mod bells;
mod postgres;
mod processes;
mod sqlite;
mod transactions;

use rei_storage::{Book, BookError, Row, Tx, params, statements};

statements! {
    ADD = "insert into note (id, text) values (:id, :text)";
    SET = "update note set text = :text where id = :id";
    FIND = "select text from note where id = :id";
    COUNT = "select count(*) as found from note";
    FIRST = "select min(id) as id from note";
    EVERYTHING = "select * from note";
}

/// A table of the tests' own.
fn with_notes(book: &Book) {
    book.blocking_write(|tx| {
        tx.execute_text("create table note (id bigint not null primary key, text text not null)")
    })
    .expect("the table is made");
}

fn add(tx: &mut Tx<'_>, id: i64) -> Result<(), BookError> {
    tx.execute(&ADD, &params! { ":id" => id, ":text" => "written" }).map(|_| ())
}

fn set(tx: &mut Tx<'_>, id: i64, text: &str) -> Result<(), BookError> {
    tx.execute(&SET, &params! { ":id" => id, ":text" => text }).map(|_| ())
}

fn count(tx: &mut Tx<'_>) -> Result<i64, BookError> {
    tx.query_one(&COUNT, &[])?.int("found")
}

fn find(tx: &mut Tx<'_>, id: i64) -> Result<Option<String>, BookError> {
    tx.query_opt(&FIND, &params! { ":id" => id })?.map(|row: Row| row.text("text")).transpose()
}

fn write(book: &Book, id: i64) -> Result<(), BookError> {
    book.blocking_write(move |tx| add(tx, id))
}

fn is_there(book: &Book, id: i64) -> bool {
    book.blocking_read(move |tx| find(tx, id)).expect("the book is readable").is_some()
}
