//! Rewrites `:name` to `$1`, `$2`, … for PostgreSQL.
//!
//! Quoted text, quoted names, comments and casts (`::type`) are left alone. Array slices with names as bounds
//! (`[a:b]`) are not understood; no statement of ours has any.

/// A statement with numbered parameters, as PostgreSQL wants it.
#[derive(Debug)]
pub(crate) struct Numbered {
    /// The text with `$1`, `$2`, …
    pub(crate) text: String,
    /// The names in the order of their numbers, each once and with its colon.
    pub(crate) names: Vec<String>,
}

pub(super) fn number(text: &str) -> Numbered {
    let mut numbered = Numbered { text: String::with_capacity(text.len()), names: Vec::new() };
    let mut rest = text;
    while let Some(at) = rest.find([':', '\'', '"', '-', '/']) {
        numbered.text.push_str(&rest[..at]);
        rest = &rest[at..];
        let taken = if let Some(end) = name_end(rest) {
            let index = numbered.index_of(&rest[..end]);
            numbered.text.push_str(&format!("${index}"));
            end
        } else {
            let end = opaque_end(rest);
            numbered.text.push_str(&rest[..end]);
            end
        };
        rest = &rest[taken..];
    }
    numbered.text.push_str(rest);
    numbered
}

impl Numbered {
    fn index_of(&mut self, name: &str) -> usize {
        if let Some(known) = self.names.iter().position(|known| known == name) {
            return known + 1;
        }
        self.names.push(name.to_owned());
        self.names.len()
    }
}

/// Where a parameter that stands at the start ends.
fn name_end(text: &str) -> Option<usize> {
    let name = text.strip_prefix(':')?;
    name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_').then(|| {
        name.find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
            .map_or(text.len(), |end| end + 1)
    })
}

/// Where that ends which stands at the start and holds no parameter: quotes, comments, casts, a lone character.
fn opaque_end(text: &str) -> usize {
    let until = |skipped: usize, end: &str| {
        text[skipped..].find(end).map_or(text.len(), |at| skipped + at + end.len())
    };
    match text.as_bytes() {
        // A doubled quote inside ends one quoted text and begins the next, which comes to the same.
        [b'\'', ..] => until(1, "'"),
        [b'"', ..] => until(1, "\""),
        [b'-', b'-', ..] => until(2, "\n"),
        [b'/', b'*', ..] => until(2, "*/"),
        [b':', b':', ..] => 2,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str, names: &[&str]) {
        let numbered = number(text);
        assert_eq!(numbered.text, expected);
        assert_eq!(numbered.names, names);
    }

    #[test]
    fn names_become_numbers_in_the_order_of_their_first_use() {
        check(
            "update t set a = :a, b = :b_2\n where c = :a and d > :_d returning :b_2",
            "update t set a = $1, b = $2\n where c = $1 and d > $3 returning $2",
            &[":a", ":b_2", ":_d"],
        );
    }

    #[test]
    fn quotes_comments_and_casts_are_left_alone() {
        check("select ':no', 'it''s :no', :yes", "select ':no', 'it''s :no', $1", &[":yes"]);
        check("select \":no\" from t where a = :a", "select \":no\" from t where a = $1", &[":a"]);
        check(
            "-- it's :no\nselect :a -- :nor this",
            "-- it's :no\nselect $1 -- :nor this",
            &[":a"],
        );
        check("select /* :no ' */ :a, 4 / 2 - 1", "select /* :no ' */ $1, 4 / 2 - 1", &[":a"]);
        check("select :a::bigint, b::text, -:a", "select $1::bigint, b::text, -$1", &[":a"]);
        check("select a[1:2], 'ё:no', :ё", "select a[1:2], 'ё:no', :ё", &[]);
    }
}
