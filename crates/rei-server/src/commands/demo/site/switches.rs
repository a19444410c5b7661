//! The page's switches: faults that stand until they are switched off.

use std::sync::{Mutex, PoisonError};

use anyhow::bail;
use rei_sim::gemini::{Behaviour, GeminiSim, ServiceError};
use rei_sim::telegram::{Fault, FaultKind, TelegramSim};
use serde_json::{Value, json};

/// How long the slow Gemini takes.
const SLOW_MS: u64 = 12_000;
/// What Gemini's 429 says.
const QUOTA_RETRY_AFTER_MS: u64 = 2_000;
/// What Telegram's 429 says.
const TELEGRAM_RETRY_AFTER_S: u64 = 3;

/// Which standing faults are on.
pub(super) struct Switches {
    gemini: GeminiSim,
    telegram: TelegramSim,
    on: Mutex<On>,
}

#[derive(Default)]
struct On {
    gemini: Option<String>,
    telegram: bool,
}

impl Switches {
    pub fn new(gemini: GeminiSim, telegram: TelegramSim) -> Self {
        Self { gemini, telegram, on: Mutex::default() }
    }

    /// Switches a fault on, or off when its argument is `off`.
    ///
    /// # Errors
    /// There is no such switch.
    pub fn turn(&self, name: &str, args: &[String]) -> anyhow::Result<()> {
        let off = args.first().is_some_and(|word| word == "off");
        let mut on = self.on.lock().unwrap_or_else(PoisonError::into_inner);
        match name {
            "telegram-429" => {
                self.telegram.clear_faults();
                on.telegram = !off;
                if on.telegram {
                    let kind = FaultKind::TooManyRequests { retry_after: TELEGRAM_RETRY_AFTER_S };
                    self.telegram.fault(Fault::next(kind).always());
                }
            }
            "gemini-off" => {
                self.gemini.clear();
                on.gemini = None;
            }
            _ => {
                let Some(behaviour) = gemini(name) else { bail!("there is no switch `{name}`") };
                self.gemini.clear();
                on.gemini = (!off).then(|| name.to_owned());
                if !off {
                    self.gemini.always(behaviour);
                }
            }
        }
        Ok(())
    }

    /// Switches everything off.
    pub fn restore(&self) {
        self.gemini.clear();
        self.telegram.clear_faults();
        *self.on.lock().unwrap_or_else(PoisonError::into_inner) = On::default();
    }

    /// What is on: `{"gemini": NAME or null, "telegram": "telegram-429" or null}`.
    pub fn shown(&self) -> Value {
        let on = self.on.lock().unwrap_or_else(PoisonError::into_inner);
        json!({"gemini": on.gemini, "telegram": on.telegram.then_some("telegram-429")})
    }
}

fn gemini(name: &str) -> Option<Behaviour> {
    Some(match name {
        "gemini-slow" => Behaviour::Slow { ms: SLOW_MS },
        "gemini-refuse" => Behaviour::finish("IMAGE_SAFETY"),
        "gemini-429" => {
            Behaviour::Quota { retry_after_ms: Some(QUOTA_RETRY_AFTER_MS), limit_zero: false }
        }
        "gemini-503" => Behaviour::error(ServiceError::Unavailable),
        "gemini-drop" => Behaviour::CutAfter,
        _ => return None,
    })
}
