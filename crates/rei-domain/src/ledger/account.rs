//! The accounts of the book: their names, currencies and normal sides.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::ids::CustomerId;

/// One account. Its [`fmt::Display`] is the name under which the book stores it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Account {
    /// `customer:<id>:cash` or `customer:<id>:bonus`: what the owner owes a customer.
    Customer(CustomerId, Pocket),
    /// `clearing:<rail>`: money that a payment system took for us.
    Clearing(Rail),
    /// `suspense`: money that came and that nobody could be credited for yet.
    Suspense,
    /// `revenue:<sale>`: what was earned.
    Revenue(Sale),
    /// `expense:<name>`: what was given away or paid for.
    Expense(Expense),
    /// `adjust:admin`: the other side of corrections by hand.
    Adjust,
    /// `cost:<provider>`: what a provider's work cost, in dollars.
    Cost(ProviderName),
    /// `payable:<provider>`: what is owed to a provider, in dollars.
    Payable(ProviderName),
}

/// The part of a wallet that money lies in. It goes back where it came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Pocket {
    /// Paid in by the customer.
    Cash,
    /// Given by the owner.
    Bonus,
}

/// A payment system.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Rail {
    /// `YooKassa`.
    YooKassa,
    /// Telegram Stars.
    Stars,
}

/// What is sold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sale {
    /// Pictures.
    Image,
    /// Videos.
    Video,
}

/// What the owner pays for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Expense {
    /// What payment systems keep.
    Fees,
    /// Bonuses given.
    Promo,
    /// The provider's cost of results that came too late to be charged, in dollars.
    LateLoss,
}

/// The money an account is kept in. No rate exists in the book: currencies never mix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Currency {
    /// Rubles, in kopecks.
    Rub,
    /// US dollars, in millionths.
    Usd,
}

/// The side on which an account grows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Assets and expenses.
    Debit,
    /// Liabilities and revenue.
    Credit,
}

/// A provider's name within an account: 1 to 32 lower case letters, digits and dashes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProviderName(String);

impl ProviderName {
    /// Takes the name when it is one.
    pub fn new(name: &str) -> Option<Self> {
        let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        ((1..=32).contains(&name.len()) && name.bytes().all(fits)).then(|| Self(name.to_owned()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Account {
    /// A customer's own money.
    pub const fn cash(customer: CustomerId) -> Self {
        Self::Customer(customer, Pocket::Cash)
    }

    /// A customer's bonus.
    pub const fn bonus(customer: CustomerId) -> Self {
        Self::Customer(customer, Pocket::Bonus)
    }

    /// The one currency it is kept in.
    pub const fn currency(&self) -> Currency {
        match self {
            Self::Cost(_) | Self::Payable(_) | Self::Expense(Expense::LateLoss) => Currency::Usd,
            Self::Customer(..) | Self::Clearing(_) | Self::Suspense | Self::Revenue(_) => {
                Currency::Rub
            }
            Self::Expense(Expense::Fees | Expense::Promo) | Self::Adjust => Currency::Rub,
        }
    }

    /// The side on which it grows.
    pub const fn side(&self) -> Side {
        match self {
            Self::Customer(..) | Self::Revenue(_) | Self::Payable(_) => Side::Credit,
            Self::Clearing(_) | Self::Suspense | Self::Expense(_) | Self::Adjust => Side::Debit,
            Self::Cost(_) => Side::Debit,
        }
    }

    /// Whose it is. Customers' accounts are tracked: they have a row with what is free and held.
    pub const fn customer(&self) -> Option<CustomerId> {
        match self {
            Self::Customer(customer, _) => Some(*customer),
            _ => None,
        }
    }

    /// The pocket, when it is a customer's.
    pub const fn pocket(&self) -> Option<Pocket> {
        match self {
            Self::Customer(_, pocket) => Some(*pocket),
            _ => None,
        }
    }

    /// Reads a stored name; `None` for one that this version does not know.
    pub fn parse(name: &str) -> Option<Self> {
        let account = match name.split_once(':') {
            None if name == "suspense" => Self::Suspense,
            None => return None,
            Some(("customer", rest)) => {
                let (id, pocket) = rest.split_once(':')?;
                Self::Customer(CustomerId(id.parse().ok()?), Pocket::from_word(pocket)?)
            }
            Some(("clearing", "yookassa")) => Self::Clearing(Rail::YooKassa),
            Some(("clearing", "stars")) => Self::Clearing(Rail::Stars),
            Some(("revenue", "image")) => Self::Revenue(Sale::Image),
            Some(("revenue", "video")) => Self::Revenue(Sale::Video),
            Some(("expense", "fees")) => Self::Expense(Expense::Fees),
            Some(("expense", "promo")) => Self::Expense(Expense::Promo),
            Some(("expense", "late-loss")) => Self::Expense(Expense::LateLoss),
            Some(("adjust", "admin")) => Self::Adjust,
            Some(("cost", provider)) => Self::Cost(ProviderName::new(provider)?),
            Some(("payable", provider)) => Self::Payable(ProviderName::new(provider)?),
            Some(_) => return None,
        };
        // One account, one spelling: `customer:007:cash` and `customer:+7:cash` name nobody.
        (account.to_string() == name).then_some(account)
    }
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Customer(customer, pocket) => {
                write!(f, "customer:{customer}:{}", pocket.as_str())
            }
            Self::Clearing(Rail::YooKassa) => f.write_str("clearing:yookassa"),
            Self::Clearing(Rail::Stars) => f.write_str("clearing:stars"),
            Self::Suspense => f.write_str("suspense"),
            Self::Revenue(Sale::Image) => f.write_str("revenue:image"),
            Self::Revenue(Sale::Video) => f.write_str("revenue:video"),
            Self::Expense(Expense::Fees) => f.write_str("expense:fees"),
            Self::Expense(Expense::Promo) => f.write_str("expense:promo"),
            Self::Expense(Expense::LateLoss) => f.write_str("expense:late-loss"),
            Self::Adjust => f.write_str("adjust:admin"),
            Self::Cost(provider) => write!(f, "cost:{}", provider.0),
            Self::Payable(provider) => write!(f, "payable:{}", provider.0),
        }
    }
}

impl Pocket {
    /// The word under which the book stores it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cash => "cash",
            Self::Bonus => "bonus",
        }
    }

    /// Reads the book's word; `None` for any other.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Cash, Self::Bonus].into_iter().find(|pocket| pocket.as_str() == word)
    }
}

impl Rail {
    /// The word under which the book stores it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::YooKassa => "yookassa",
            Self::Stars => "stars",
        }
    }

    /// Reads the book's word; `None` for any other.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::YooKassa, Self::Stars].into_iter().find(|rail| rail.as_str() == word)
    }
}

impl Currency {
    /// The ISO code under which the book stores it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rub => "RUB",
            Self::Usd => "USD",
        }
    }

    /// Reads the book's code; `None` for any other.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Rub, Self::Usd].into_iter().find(|currency| currency.as_str() == word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one_of_each() -> Vec<Account> {
        let gemini = ProviderName::new("gemini").expect("a good name");
        vec![
            Account::cash(CustomerId(7)),
            Account::bonus(CustomerId(4_503_599_627_370_495)),
            Account::Clearing(Rail::YooKassa),
            Account::Clearing(Rail::Stars),
            Account::Suspense,
            Account::Revenue(Sale::Image),
            Account::Revenue(Sale::Video),
            Account::Expense(Expense::Fees),
            Account::Expense(Expense::Promo),
            Account::Expense(Expense::LateLoss),
            Account::Adjust,
            Account::Cost(gemini.clone()),
            Account::Payable(gemini),
        ]
    }

    #[test]
    fn every_account_comes_back_by_its_name() {
        for account in one_of_each() {
            assert_eq!(Account::parse(&account.to_string()), Some(account));
        }
    }

    #[test]
    fn a_name_has_one_spelling() {
        for name in [
            "",
            "customer:7",
            "customer:007:cash",
            "customer:+7:cash",
            "customer:7:gold",
            "customer::cash",
            "Suspense",
            "suspense:",
            "revenue:music",
            "cost:",
            "cost:Gemini",
            "cost:a b",
        ] {
            assert_eq!(Account::parse(name), None, "{name:?}");
        }
    }
}
