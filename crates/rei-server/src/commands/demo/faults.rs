//! The faults that can be switched on: by a script, or by a switch of the page.

use anyhow::{Context, bail};
use rei_sim::gemini::{Behaviour, ServiceError};
use rei_sim::kling::Behaviour as Video;
use rei_sim::telegram::{Fault, FaultKind};
use rei_sim::yookassa::{
    CallKind, Fault as ShopFault, FaultKind as ShopFaultKind, Flow, NoticeSettings, PaymentStatus,
};
use rei_storage::{Tx, admin};

use super::Stage;

/// What is younger may be on its way into the book by itself, and is not taken for unknown money.
const AGED_MS: i64 = 3 * 60_000;

/// The faults' names with what they do.
pub const FAULTS: [(&str, &str); 20] = [
    ("gemini-slow", "answers late: [seconds]"),
    ("gemini-refuse", "refuses the next prompt by its safety rules"),
    ("gemini-429", "asks to wait: [times]"),
    ("gemini-503", "is overloaded: [times]"),
    ("gemini-drop", "drops the connection after the work was done: [times]"),
    ("kling-slow", "takes long for each video: [seconds]"),
    ("kling-refuse", "finds the next video against its rules"),
    ("kling-busy", "has no free place: [times]"),
    ("kling-lost", "takes the order and answers with an error: [times]"),
    ("kling-broke", "has run out of our money"),
    ("kling-down", "is down until `restore`"),
    ("yookassa-slow", "answers late: [seconds]"),
    ("yookassa-lost", "takes the payment and loses its answer: [times]"),
    ("yookassa-down", "is down until `restore`"),
    ("yookassa-foreign", "takes money for another site of the same shop: [rubles]"),
    ("yookassa-refund", "gives back the newest payment by hand, in part or whole: [rubles]"),
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
            "kling-slow" => {
                let ms = number(60)?.saturating_mul(1_000);
                self.kling.always(Video::Stuck { ms: Some(ms) });
            }
            "kling-refuse" => self.kling.next(Video::fail("risk control")),
            "kling-busy" => self.kling.next_n(times()?, Video::error(1303)),
            "kling-lost" => self.kling.next_n(times()?, Video::error_after(5000)),
            "kling-broke" => self.kling.next(Video::error(1102)),
            "kling-down" => self.kling.down(true),
            "yookassa-slow" => {
                let ms = number(8)?.saturating_mul(1_000);
                let hang = ShopFaultKind::Hang { ms, committed: true };
                self.yookassa.fault(ShopFault::next(hang).always());
            }
            "yookassa-lost" => {
                let lost = ShopFaultKind::Reset { committed: true };
                let times = u32::try_from(times()?)?;
                let fault = ShopFault::next(lost).on(CallKind::CreatePayment).times(times);
                self.yookassa.fault(fault);
            }
            "yookassa-down" => {
                let down = ShopFaultKind::Html { status: 502, committed: false };
                self.yookassa.fault(ShopFault::next(down).always());
            }
            "yookassa-foreign" => {
                let kopecks = i64::try_from(number(700)?.saturating_mul(100))?;
                let id = self.yookassa.foreign_payment(kopecks, None);
                self.yookassa.alter(&id, |payment| payment.created_ms -= AGED_MS)?;
                let house = self.product().await.house.clone();
                rei_app::payments::enqueue_sweep(&house).await?;
            }
            "yookassa-refund" => {
                let payments = self.yookassa.payments();
                let paid = payments.iter().rev().find(|it| it.status == PaymentStatus::Succeeded);
                let paid = paid.context("nothing is paid yet")?;
                let whole = u64::try_from(paid.amount.kopecks / 100)?;
                let kopecks = i64::try_from(number(whole)?.saturating_mul(100))?;
                self.yookassa.refund_by_hand(&paid.id, kopecks)?;
            }
            "telegram-429" => {
                let kind = FaultKind::TooManyRequests { retry_after: number(3)? };
                self.telegram.fault(Fault::next(kind).on("sendMessage"));
            }
            "kill-worker" => self.kill_workers().await,
            "start-worker" => self.start_workers().await,
            "restore" => {
                self.gemini.clear();
                self.kling.clear();
                self.kling.down(false);
                self.yookassa.clear_faults();
                self.yookassa.set_notices(NoticeSettings::default());
                self.telegram.clear_faults();
                self.resume_sales().await?;
                self.start_workers().await;
            }
            _ => {
                let known: Vec<&str> = FAULTS.iter().map(|(name, _)| *name).collect();
                bail!("there is no fault `{name}`; known are {}", known.join(", "));
            }
        }
        Ok(())
    }

    /// Sells again what a fault has stopped, as `rei catalog resume` does.
    pub(super) async fn resume_sales(&self) -> anyhow::Result<()> {
        let house = self.product().await.house.clone();
        let now = house.clock.now();
        let resume = move |tx: &mut Tx<'_>| {
            for (name, _) in admin::switches(tx)? {
                admin::set_switch(tx, &name, "on", "resumed", now)?;
            }
            house.catalog.refresh(tx)
        };
        let book = self.product().await.house.book.clone();
        Ok(book.write(resume).await?)
    }
}

/// How YooKassa tells of payments: `on`, `off` or `twice`.
///
/// # Errors
/// Names what is unknown.
pub fn notices(word: &str) -> anyhow::Result<NoticeSettings> {
    let usual = NoticeSettings::default();
    match word {
        "on" => Ok(usual),
        "off" => Ok(NoticeSettings { flow: Flow::Dropped, ..usual }),
        "twice" => Ok(NoticeSettings { copies: 2, ..usual }),
        _ => bail!("notices are `on`, `off` or `twice`, not `{word}`"),
    }
}
