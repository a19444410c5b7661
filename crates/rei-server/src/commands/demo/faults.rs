//! The faults that can be switched on: by a script, or by a switch of the page.

use anyhow::{Context, bail};
use rei_sim::gemini::{Behaviour, ServiceError};
use rei_sim::telegram::{Fault, FaultKind};

use super::Stage;

/// The faults' names with what they do.
pub const FAULTS: [(&str, &str); 9] = [
    ("gemini-slow", "answers late: [seconds]"),
    ("gemini-refuse", "refuses the next prompt by its safety rules"),
    ("gemini-429", "asks to wait: [times]"),
    ("gemini-503", "is overloaded: [times]"),
    ("gemini-drop", "drops the connection after the work was done: [times]"),
    ("telegram-429", "asks for silence: [seconds]"),
    ("kill-worker", "ends the worker in the middle of its work"),
    ("start-worker", "starts a worker"),
    ("restore", "ends all faults"),
];

impl Stage {
    /// Switches a fault on.
    ///
    /// # Errors
    /// Names what is unknown.
    pub async fn fault(&self, name: &str, args: &[String]) -> anyhow::Result<()> {
        let number = |default: u64| match args.first() {
            Some(word) => word.parse::<u64>().with_context(|| format!("`{word}` is not a number")),
            None => Ok(default),
        };
        let times = || number(1).and_then(|times| Ok(usize::try_from(times)?));
        match name {
            "gemini-slow" => {
                self.gemini.always(Behaviour::Slow { ms: number(10)?.saturating_mul(1_000) })
            }
            "gemini-refuse" => self.gemini.next(Behaviour::finish("IMAGE_SAFETY")),
            "gemini-429" => {
                let quota = Behaviour::Quota { retry_after_ms: Some(1_500), limit_zero: false };
                self.gemini.next_n(times()?, quota);
            }
            "gemini-503" => {
                self.gemini.next_n(times()?, Behaviour::error(ServiceError::Unavailable))
            }
            "gemini-drop" => self.gemini.next_n(times()?, Behaviour::CutAfter),
            "telegram-429" => {
                let kind = FaultKind::TooManyRequests { retry_after: number(3)? };
                self.telegram.fault(Fault::next(kind).on("sendMessage"));
            }
            "kill-worker" => self.product().await.kill_worker(),
            "start-worker" => self.product().await.start_worker(),
            "restore" => {
                self.gemini.clear();
                self.telegram.clear_faults();
                self.product().await.start_worker();
            }
            _ => {
                let known: Vec<&str> = FAULTS.iter().map(|(name, _)| *name).collect();
                bail!("there is no fault `{name}`; known are {}", known.join(", "));
            }
        }
        Ok(())
    }
}
