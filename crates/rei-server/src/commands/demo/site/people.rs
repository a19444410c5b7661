//! Who can write to the bot in the demo.

use serde::{Deserialize, Serialize};

/// One of the demo's people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Their id in Telegram.
    pub id: i64,
    /// Their first name.
    pub name: String,
    /// What their Telegram says in `language_code`.
    pub language: String,
    /// An owner of the bot.
    #[serde(default)]
    pub admin: bool,
}

/// All of them, as the page's folder lists them.
pub(super) fn cast() -> Vec<Person> {
    serde_json::from_str(include_str!("../page/people.json"))
        .expect("a test reads this embedded list")
}

#[cfg(test)]
mod tests {
    use super::super::super::ADMIN;
    use super::*;

    #[test]
    fn the_admin_of_the_page_is_the_admin_of_the_demo() {
        let admins: Vec<i64> =
            cast().iter().filter(|person| person.admin).map(|person| person.id).collect();
        assert_eq!(admins, [ADMIN]);
    }
}
