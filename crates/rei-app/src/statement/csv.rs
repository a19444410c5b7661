//! Files for spreadsheets: RFC 4180 in UTF-8 with a mark that says so, and nothing in them that a spreadsheet would
//! take for a formula.

use rei_domain::ledger::{Currency, Money};
use rei_domain::money::Kopecks;

/// Without it spreadsheets read Cyrillic letters as something else.
const BYTE_ORDER_MARK: &str = "\u{feff}";

/// What stands in one cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Cell {
    /// Nothing.
    Nothing,
    /// Words, whoever wrote them.
    Text(String),
    /// A count, a number of something.
    Number(i64),
    /// A sum with all its decimals, after a dot.
    Sum(Money),
}

impl Cell {
    pub(crate) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    pub(crate) fn opt_text(text: Option<String>) -> Self {
        text.map_or(Self::Nothing, Self::Text)
    }

    pub(crate) fn opt_number(number: Option<i64>) -> Self {
        number.map_or(Self::Nothing, Self::Number)
    }

    pub(crate) fn kopecks(kopecks: i64) -> Self {
        Self::Sum(Kopecks::new(kopecks).into())
    }

    pub(crate) fn opt_kopecks(kopecks: Option<i64>) -> Self {
        kopecks.map_or(Self::Nothing, Self::kopecks)
    }

    pub(crate) fn minor(currency: &str, minor: i64) -> Self {
        let currency = if currency == "USD" { Currency::Usd } else { Currency::Rub };
        Self::Sum(Money::of(currency, minor))
    }

    fn write(&self, into: &mut String) {
        match self {
            Self::Nothing => {}
            Self::Number(number) => into.push_str(&number.to_string()),
            Self::Sum(sum) => {
                let words = sum.to_string();
                into.push_str(words.split(' ').next().unwrap_or(&words));
            }
            Self::Text(text) => quote(text, into),
        }
    }
}

/// A spreadsheet runs what begins like a formula; behind an apostrophe it is only words.
fn quote(text: &str, into: &mut String) {
    let harmless =
        !text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
    let plain = harmless && !text.contains([',', '"', '\r', '\n', ';', '\t']);
    if plain {
        into.push_str(text);
        return;
    }
    into.push('"');
    if !harmless {
        into.push('\'');
    }
    into.push_str(&text.replace('"', "\"\""));
    into.push('"');
}

/// A file that grows row by row up to a bound.
#[derive(Clone, Debug)]
pub(crate) struct Csv {
    text: String,
    rows: usize,
    bytes_max: usize,
}

impl Csv {
    /// A file with the names of its columns.
    pub(crate) fn new<'n>(columns: impl IntoIterator<Item = &'n str>, bytes_max: usize) -> Self {
        let mut csv = Self { text: BYTE_ORDER_MARK.to_owned(), rows: 0, bytes_max };
        let names: Vec<Cell> = columns.into_iter().map(Cell::text).collect();
        csv.put(&names);
        csv
    }

    /// Adds a row; `false` when it doesn't fit any more.
    pub(crate) fn row(&mut self, cells: &[Cell]) -> bool {
        let before = self.text.len();
        self.put(cells);
        if self.text.len() > self.bytes_max {
            self.text.truncate(before);
            return false;
        }
        self.rows += 1;
        true
    }

    /// How many rows it has, its head not counted.
    pub(crate) fn rows(&self) -> i64 {
        i64::try_from(self.rows).unwrap_or(i64::MAX)
    }

    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.text.into_bytes()
    }

    fn put(&mut self, cells: &[Cell]) {
        for (index, cell) in cells.iter().enumerate() {
            if index > 0 {
                self.text.push(',');
            }
            cell.write(&mut self.text);
        }
        self.text.push_str("\r\n");
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rei_domain::money::MicroUsd;

    use super::*;

    fn of(cells: &[Cell]) -> String {
        let mut csv = Csv::new(["a"], usize::MAX);
        assert!(csv.row(cells));
        String::from_utf8(csv.into_bytes()).expect("it is text").replacen("\u{feff}a\r\n", "", 1)
    }

    /// What a reader by RFC 4180 finds in one line.
    fn read(line: &str) -> Vec<String> {
        let (mut cells, mut cell, mut quoted) = (Vec::new(), String::new(), false);
        let mut letters = line.chars().peekable();
        while let Some(letter) = letters.next() {
            match letter {
                '"' if quoted && letters.peek() == Some(&'"') => {
                    letters.next();
                    cell.push('"');
                }
                '"' => quoted = !quoted,
                ',' if !quoted => cells.push(std::mem::take(&mut cell)),
                '\r' if !quoted => break,
                letter => cell.push(letter),
            }
        }
        cells.push(cell);
        cells
    }

    #[test]
    fn cells_are_written_as_spreadsheets_read_them() {
        let cells = [
            Cell::Nothing,
            Cell::text("plain"),
            Cell::text("a,b \"c\"\nd"),
            Cell::Number(-5),
            Cell::kopecks(-1_050),
            Cell::Sum(MicroUsd(134_000).into()),
        ];
        assert_eq!(of(&cells), ",plain,\"a,b \"\"c\"\"\nd\",-5,-10.50,0.134000\r\n");
    }

    #[test]
    fn words_never_become_a_formula() {
        for formula in ["=1+1", "+1", "-1", "@sum(a1)", "\t=1", "\r=1", "＝1"] {
            let line = of(&[Cell::text(formula)]);
            assert_eq!(read(&line), [format!("'{formula}")], "{line}");
        }
    }

    #[test]
    fn a_full_file_takes_no_more_rows() {
        let mut csv = Csv::new(["a"], 20);
        assert!(csv.row(&[Cell::text("12345678")]));
        assert!(!csv.row(&[Cell::text("12345678")]));
        assert_eq!(csv.rows(), 1);
        assert!(csv.into_bytes().ends_with(b"12345678\r\n"));
    }

    proptest! {
        #[test]
        fn any_words_come_back(words in proptest::collection::vec("\\PC*|[=+@,\"\r\n\t-]{0,5}", 1..5)) {
            let cells: Vec<Cell> = words.iter().map(Cell::text).collect();
            let back = read(&of(&cells));
            prop_assert_eq!(back.len(), words.len());
            for (back, word) in back.iter().zip(&words) {
                let kept = back.strip_prefix('\'').filter(|_| !word.starts_with('\'')).unwrap_or(back);
                prop_assert_eq!(kept, word);
                prop_assert!(!back.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']));
            }
        }
    }
}
