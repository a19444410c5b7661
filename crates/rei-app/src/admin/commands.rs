//! The commands of those who run the bot, and what each of the changing ones needs.

use super::role::Permission;

/// The commands that [`super::command`] answers, without the slash.
pub const COMMANDS: [&str; 48] = [
    "admin",
    "users",
    "admin_user",
    "user",
    "add",
    "sub",
    "admin_adjust",
    "adjust",
    "admin_refund",
    "refund",
    "ledger",
    "trial",
    "payments",
    "payment",
    "recheck",
    "reconcile",
    "suspense",
    "assign",
    "return",
    "chargeback",
    "admin_jobs",
    "admin_job",
    "admin_cancel_job",
    "requeue",
    "stuck",
    "price",
    "price_nanobanana",
    "price_kling",
    "models",
    "flag",
    "provider",
    "maintenance",
    "ban",
    "unban",
    "bans",
    "grant_role",
    "roles",
    "audit",
    "doctor",
    "health",
    "queues",
    "config",
    "version",
    "stats",
    "export",
    "promos",
    "promo_new",
    "promo_off",
];

/// What must be allowed before the words of a changing command are looked at: who may not do it learns nothing from
/// the answers.
pub(super) fn permission_of(name: &str) -> Option<Permission> {
    match name {
        "add" | "sub" | "admin_adjust" | "adjust" => Some(Permission::MoveMoney),
        "admin_refund" | "refund" => Some(Permission::RefundOrders),
        "assign" | "return" | "chargeback" | "recheck" => Some(Permission::ResolvePayments),
        "promo_new" | "promo_off" => Some(Permission::SetPromos),
        "ban" | "unban" => Some(Permission::Ban),
        "price_nanobanana" | "price_kling" => Some(Permission::SetPrices),
        "provider" | "maintenance" => Some(Permission::TurnSwitches),
        "admin_cancel_job" | "requeue" => Some(Permission::RunJobs),
        "grant_role" => Some(Permission::GrantRoles),
        _ => None,
    }
}
