//! The page's switches: faults that stand until they are switched off.

use std::sync::{Mutex, PoisonError};

use anyhow::bail;
use rei_sim::gemini::{Behaviour, ServiceError};
use rei_sim::kling::Behaviour as Video;
use rei_sim::telegram::{Fault, FaultKind};
use rei_sim::yookassa::{CallKind, Fault as ShopFault, FaultKind as ShopFaultKind, NoticeSettings};
use serde_json::{Value, json};

use super::super::faults::notices;
use super::Outside;

/// How long the slow Gemini takes.
const SLOW_MS: u64 = 12_000;
/// How much longer the slow Kling takes.
const SLOW_VIDEO_MS: u64 = 40_000;
/// How long the slow YooKassa takes.
const SLOW_SHOP_MS: u64 = 8_000;
/// What Gemini's 429 says.
const QUOTA_RETRY_AFTER_MS: u64 = 2_000;
/// What Telegram's 429 says.
const TELEGRAM_RETRY_AFTER_S: u64 = 3;

/// Which standing faults are on.
pub(super) struct Switches {
    outside: Outside,
    on: Mutex<On>,
}

#[derive(Default)]
struct On {
    gemini: Option<String>,
    kling: Option<String>,
    yookassa: Option<String>,
    notices: Option<String>,
    telegram: bool,
}

impl Switches {
    pub fn new(outside: Outside) -> Self {
        Self { outside, on: Mutex::default() }
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
                self.outside.telegram.clear_faults();
                on.telegram = !off;
                if on.telegram {
                    let kind = FaultKind::TooManyRequests { retry_after: TELEGRAM_RETRY_AFTER_S };
                    self.outside.telegram.fault(Fault::next(kind).always());
                }
            }
            "gemini-off" => {
                self.outside.gemini.clear();
                on.gemini = None;
            }
            _ if name.starts_with("yookassa-") => {
                let fault = shop(name)?;
                self.outside.yookassa.clear_faults();
                on.yookassa = fault.as_ref().filter(|_| !off).map(|_| name.to_owned());
                if let Some(fault) = fault.filter(|_| !off) {
                    self.outside.yookassa.fault(fault.always());
                }
            }
            _ if name.starts_with("notices-") => {
                let word = match name {
                    "notices-off" => "on",
                    "notices-lost" => "off",
                    "notices-twice" => "twice",
                    _ => bail!("there is no switch `{name}`"),
                };
                let is_usual = off || word == "on";
                self.outside.yookassa.set_notices(notices(if is_usual { "on" } else { word })?);
                on.notices = (!is_usual).then(|| name.to_owned());
            }
            _ if name.starts_with("kling-") => {
                let fault = kling(name)?;
                self.mend_kling();
                on.kling = fault.as_ref().filter(|_| !off).map(|_| name.to_owned());
                match fault.filter(|_| !off) {
                    Some(Kling::Down) => self.outside.kling.down(true),
                    Some(Kling::Does(behaviour)) => self.outside.kling.always(behaviour),
                    None => {}
                }
            }
            _ => {
                let Some(behaviour) = gemini(name) else { bail!("there is no switch `{name}`") };
                self.outside.gemini.clear();
                on.gemini = (!off).then(|| name.to_owned());
                if !off {
                    self.outside.gemini.always(behaviour);
                }
            }
        }
        Ok(())
    }

    fn mend_kling(&self) {
        self.outside.kling.clear();
        self.outside.kling.down(false);
    }

    /// Switches everything off.
    pub fn restore(&self) {
        self.outside.gemini.clear();
        self.mend_kling();
        self.outside.yookassa.clear_faults();
        self.outside.yookassa.set_notices(NoticeSettings::default());
        self.outside.telegram.clear_faults();
        *self.on.lock().unwrap_or_else(PoisonError::into_inner) = On::default();
    }

    /// What is on: `{"gemini": NAME or null, …, "telegram": "telegram-429" or null}`.
    pub fn shown(&self) -> Value {
        let on = self.on.lock().unwrap_or_else(PoisonError::into_inner);
        json!({
            "gemini": on.gemini,
            "kling": on.kling,
            "yookassa": on.yookassa,
            "notices": on.notices,
            "telegram": on.telegram.then_some("telegram-429"),
        })
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

/// What can be wrong with Kling.
enum Kling {
    Down,
    Does(Video),
}

/// None for the switch that mends it.
fn kling(name: &str) -> anyhow::Result<Option<Kling>> {
    Ok(Some(Kling::Does(match name {
        "kling-off" => return Ok(None),
        "kling-down" => return Ok(Some(Kling::Down)),
        "kling-slow" => Video::Stuck { ms: Some(SLOW_VIDEO_MS) },
        "kling-refuse" => Video::fail("risk control"),
        "kling-busy" => Video::error(1303),
        "kling-lost" => Video::error_after(5000),
        "kling-broke" => Video::error(1102),
        _ => bail!("there is no switch `{name}`"),
    })))
}

/// None for the switch that mends it.
fn shop(name: &str) -> anyhow::Result<Option<ShopFault>> {
    Ok(Some(match name {
        "yookassa-off" => return Ok(None),
        "yookassa-slow" => {
            ShopFault::next(ShopFaultKind::Hang { ms: SLOW_SHOP_MS, committed: true })
        }
        "yookassa-down" => ShopFault::next(ShopFaultKind::Html { status: 502, committed: false }),
        "yookassa-lost" => {
            ShopFault::next(ShopFaultKind::Reset { committed: true }).on(CallKind::CreatePayment)
        }
        _ => bail!("there is no switch `{name}`"),
    }))
}
