//! `/flag`, `/provider`, `/maintenance`, `/models`: what is sold right now. Switches stand in the book, so they outlive
//! a restart and reach every process.

use rei_storage::{BookError, Tx, admins};
use rei_texts::{AdminText, Lang};
use serde::{Deserialize, Serialize};

use super::change::{Change, Made, Undo};
use super::role::Permission;
use super::talk::{Button, Reply, Stop, Talk, joined};
use super::words::Words;
use crate::catalog_in_use::{IMAGES, MODEL_PREFIX, PROVIDER_PREFIX, VIDEOS};

/// The switch that stops all sales; its reason is what customers are told.
const MAINTENANCE: &str = "maintenance";
/// How that switch stands while nothing is sold. Not `on`: a command that turns everything on again opens the shop.
const CLOSED: &str = "closed";
/// How it stands while everything is sold.
const OPEN: &str = "open";

/// What customers are told while nothing is sold; `None` while everything is, `Some(None)` for the usual words.
///
/// # Errors
/// [`BookError`] when the book can't be read.
pub fn maintenance(tx: &mut Tx<'_>) -> Result<Option<Option<String>>, BookError> {
    let row = admins::find_switch(tx, MAINTENANCE)?.filter(|row| row.value == CLOSED);
    Ok(row.map(|row| Some(row.reason).filter(|words| !words.is_empty())))
}

/// A switch that is to stand so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct TurnSwitch {
    pub(super) name: String,
    pub(super) on: bool,
    pub(super) words: String,
}

/// Reads `NAME on|off [reason]`.
pub(super) fn read_flag(talk: &mut Talk<'_, '_>, args: &str) -> Result<(Change, String), Stop> {
    let mut words = Words::of(args, "flag");
    let name = words.needed()?;
    let on = on_or_off(words.next()).ok_or_else(|| words.usage())?;
    let name = flag_named(talk, name)?;
    let reason = words.reason();
    Ok((Change::Switch(TurnSwitch { name, on, words: reason.clone() }), reason))
}

/// Reads `NAME pause|resume [reason]`.
pub(super) fn read_provider(talk: &mut Talk<'_, '_>, args: &str) -> Result<(Change, String), Stop> {
    let mut words = Words::of(args, "provider");
    let name = words.needed()?.to_lowercase();
    let on = match words.next() {
        Some("pause") => false,
        Some("resume") => true,
        _ => return Err(words.usage()),
    };
    let known = providers(talk);
    if !known.contains(&name) {
        return Err(Stop::no(AdminText::NoSuchProvider { name, known: known.join(", ") }));
    }
    let reason = words.reason();
    let name = format!("{PROVIDER_PREFIX}{name}");
    Ok((Change::Switch(TurnSwitch { name, on, words: reason.clone() }), reason))
}

/// Reads `on|off [text]`.
pub(super) fn read_maintenance(args: &str) -> Result<(Change, String), Stop> {
    let mut words = Words::of(args, "maintenance");
    let on = on_or_off(words.next()).ok_or_else(|| words.usage())?;
    let text = if on { words.reason() } else { String::new() };
    let change = TurnSwitch { name: MAINTENANCE.to_owned(), on, words: text.clone() };
    Ok((Change::Switch(change), text))
}

impl TurnSwitch {
    pub(super) fn preview(&self, talk: &mut Talk<'_, '_>, lang: Lang) -> Result<String, Stop> {
        let (before, _) = self.before(talk)?;
        let text = match self.name.as_str() {
            MAINTENANCE => AdminText::PreviewMaintenance {
                state: self.value().to_owned(),
                words: self.words.clone(),
            },
            name => AdminText::PreviewSwitch {
                name: name.to_owned(),
                before,
                after: self.value().to_owned(),
                reason: self.words.clone(),
            },
        };
        Ok(text.html(lang))
    }

    pub(super) fn carry_out(&self, talk: &mut Talk<'_, '_>) -> Result<Made, Stop> {
        let (value, words) = self.before(talk)?;
        turn(talk, &self.name, self.value(), &self.words)?;
        let became = format!("{} {}", self.value(), self.words);
        Ok(Made {
            said: AdminText::Switched { name: self.name.clone(), state: self.value().to_owned() },
            was: format!("{value} {words}").trim().to_owned(),
            became: became.trim().to_owned(),
            undo: Some(Undo::Switch { name: self.name.clone(), value, words }),
        })
    }

    /// How it stands now; what nobody has ever turned is open and on.
    fn before(&self, talk: &mut Talk<'_, '_>) -> Result<(String, String), Stop> {
        let untouched = if self.name == MAINTENANCE { OPEN } else { "on" };
        let row = admins::find_switch(talk.tx, &self.name)?;
        Ok(row.map_or_else(|| (untouched.to_owned(), String::new()), |it| (it.value, it.reason)))
    }

    fn value(&self) -> &'static str {
        match (self.name.as_str(), self.on) {
            (MAINTENANCE, true) => CLOSED,
            (MAINTENANCE, false) => OPEN,
            (_, true) => "on",
            (_, false) => "off",
        }
    }
}

/// Turns a switch; it counts in this process at once, in the others within seconds.
pub(super) fn turn(
    talk: &mut Talk<'_, '_>,
    name: &str,
    value: &str,
    words: &str,
) -> Result<(), Stop> {
    admins::put_switch(talk.tx, name, value, words, talk.now)?;
    talk.house.catalog.refresh_at(talk.tx, talk.now)?;
    Ok(())
}

/// The models with their switches and prices.
pub(super) fn models(talk: &mut Talk<'_, '_>) -> Result<Reply, Stop> {
    talk.permit(Permission::Look)?;
    let catalog = talk.house.catalog.current();
    let down = talk.house.providers_down();
    let mut lines = vec![talk.html(AdminText::ModelsHead { version: catalog.version.clone() })];
    for model in catalog.all() {
        let choices = model.default_choices();
        let length_ms = model.length_follows_input().then_some(5_000);
        let price = catalog.price(model, &choices, length_ms).map(|priced| priced.sale);
        let state = match model.enabled {
            false => "off",
            true if down.contains(&model.provider) => "down",
            true => "on",
        };
        lines.push(talk.html(AdminText::ModelLine {
            sku: model.sku.clone(),
            title: model.title(talk.caller.lang == Lang::Ru).to_owned(),
            state: state.to_owned(),
            price: price.unwrap_or_default(),
        }));
    }
    for row in admins::switches(talk.tx)? {
        if row.value == "off" || row.value == CLOSED {
            lines.push(talk.html(AdminText::SwitchLine {
                name: row.name,
                state: row.value,
                reason: rei_texts::shorten(&row.reason, 80),
            }));
        }
    }
    let mut buttons: Vec<Vec<Button>> = Vec::new();
    if talk.caller.role.may(Permission::TurnSwitches) {
        let paused = talk.house.catalog.paused();
        for name in providers(talk) {
            let label = match paused.contains(&name) {
                true => AdminText::ButtonResume { name: name.clone() },
                false => AdminText::ButtonPause { name: name.clone() },
            };
            let arg = format!("{name}.{}", if paused.contains(&name) { "on" } else { "off" });
            buttons.push(vec![talk.button(label, "provider", 0, Some(&arg))]);
        }
    }
    Ok(Reply::new(joined(&lines)).with(buttons))
}

/// The change behind a button of the list: `<provider>.on` or `<provider>.off`.
pub(super) fn of_button(talk: &Talk<'_, '_>, arg: &str) -> Option<Change> {
    let (name, on) = arg.rsplit_once('.')?;
    let on = on_or_off(Some(on))?;
    providers(talk).contains(&name.to_owned()).then(|| {
        let name = format!("{PROVIDER_PREFIX}{name}");
        Change::Switch(TurnSwitch { name, on, words: String::new() })
    })
}

/// The switch that a flag's name stands for: a model's key, or a side of the business.
fn flag_named(talk: &Talk<'_, '_>, name: &str) -> Result<String, Stop> {
    let name = name.to_lowercase();
    if name == IMAGES || name == VIDEOS {
        return Ok(name);
    }
    let unknown = || Stop::no(AdminText::NoSuchFlag { name: name.clone() });
    let model = talk.house.catalog.file().model(&name).ok_or_else(unknown)?;
    if !model.enabled {
        return Err(Stop::no(AdminText::FlagOfFile { name }));
    }
    Ok(format!("{MODEL_PREFIX}{}", model.sku))
}

fn providers(talk: &Talk<'_, '_>) -> Vec<String> {
    let mut names: Vec<String> =
        talk.house.catalog.file().all().map(|model| model.provider.clone()).collect();
    names.sort();
    names.dedup();
    names
}

fn on_or_off(word: Option<&str>) -> Option<bool> {
    match word {
        Some("on") => Some(true),
        Some("off") => Some(false),
        _ => None,
    }
}
