//! `/promo_new`, `/promo_off`: promo codes are made and ended. Their terms are the words of the command, so what is
//! confirmed is what was shown.

use rei_texts::{AdminText, Lang, ReportText};
use serde::{Deserialize, Serialize};

use super::change::{Change, Made, Undo, Warrant};
use super::talk::{Stop, Talk};
use super::words::Words;
use crate::presents::PromoSpec;
use crate::presents::admin::{
    promo_code, promo_exists, promo_new, promo_off, promo_preview, promo_shown,
};

/// A code that is to be made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct NewPromo {
    pub(super) code: String,
    /// The words after the command.
    words: String,
}

/// A code that is to be over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct EndPromo {
    pub(super) code: String,
}

/// Reads `CODE SUM [x100] [each 1] [until DATE] [new]`; there is no reason in it.
pub(super) fn read_new(talk: &Talk<'_, '_>, args: &str) -> Result<(Change, String), Stop> {
    let words = args.to_owned();
    let code = spec_of(talk, &words)?.code().to_owned();
    Ok((Change::NewPromo(NewPromo { code, words }), String::new()))
}

/// Reads `CODE [reason]`.
pub(super) fn read_off(args: &str) -> Result<(Change, String), Stop> {
    let mut words = Words::of(args, "promo_off");
    let typed = words.needed()?;
    let bad = || Stop::report(ReportText::PromoBadCode { code: typed.chars().take(40).collect() });
    let code = promo_code(typed).ok_or_else(bad)?;
    Ok((Change::EndPromo(EndPromo { code }), words.reason()))
}

impl NewPromo {
    pub(super) fn preview(&self, talk: &mut Talk<'_, '_>, lang: Lang) -> Result<String, Stop> {
        let spec = spec_of(talk, &self.words)?;
        if promo_exists(talk.tx, spec.code())? {
            return Err(self.exists());
        }
        let head = AdminText::PreviewPromo { what: "new".to_owned() }.html(lang);
        Ok(format!("{head}\n{}", promo_preview(&spec, lang, talk.now)))
    }

    pub(super) fn carry_out(
        &self,
        talk: &mut Talk<'_, '_>,
        warrant: &Warrant,
    ) -> Result<Made, Stop> {
        let spec = spec_of(talk, &self.words)?;
        if !promo_new(talk.tx, warrant.actor, &spec, talk.now)? {
            return Err(self.exists());
        }
        let code = self.code.clone();
        Ok(Made {
            said: AdminText::PromoMade { code: code.clone() },
            was: String::new(),
            became: self.words.clone(),
            undo: Some(Undo::NewPromo { code }),
        })
    }

    fn exists(&self) -> Stop {
        Stop::report(ReportText::PromoExists { code: self.code.clone() })
    }
}

impl EndPromo {
    pub(super) fn preview(&self, talk: &mut Talk<'_, '_>, lang: Lang) -> Result<String, Stop> {
        let shown = promo_shown(talk.tx, &self.code, lang, talk.now)?;
        let shown = shown.ok_or_else(|| nothing(&self.code))?;
        let head = AdminText::PreviewPromo { what: "off".to_owned() }.html(lang);
        Ok(format!("{head}\n{shown}"))
    }

    pub(super) fn carry_out(&self, talk: &mut Talk<'_, '_>) -> Result<Made, Stop> {
        end(talk, &self.code)?;
        Ok(Made {
            said: AdminText::PromoEnded { code: self.code.clone() },
            was: "on".to_owned(),
            became: "off".to_owned(),
            undo: None,
        })
    }
}

/// Ends a code; refused when there is none at work.
pub(super) fn end(talk: &mut Talk<'_, '_>, code: &str) -> Result<(), Stop> {
    if promo_off(talk.tx, code)? { Ok(()) } else { Err(nothing(code)) }
}

fn spec_of(talk: &Talk<'_, '_>, words: &str) -> Result<PromoSpec, Stop> {
    PromoSpec::parse(words, talk.now).map_err(|error| Stop::report(error.text()))
}

fn nothing(code: &str) -> Stop {
    Stop::report(ReportText::PromoOffNothing { code: code.to_owned() })
}
