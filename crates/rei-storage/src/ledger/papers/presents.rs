//! Promo codes and first top-ups beside the bonus that the ledger gave and took back.

use rei_domain::ledger::{Finding, Findings};

use crate::{BookError, Tx, params, statements};

use super::{STRAYS_MAX, strays};

statements! {
    pub USES_WITHOUT_BONUS = "
select u.code, u.customer
  from promo_use u
  left join transfer t
    on t.key = 'promo:' || u.code || ':' || cast(u.customer as text) || ':' || cast(u.no as text) || ':0'
 where t.id is null or t.credit <> 'customer:' || cast(u.customer as text) || ':bonus'
 order by u.code, u.customer
 limit :limit";

    pub BONUS_WITHOUT_USE = "
select t.seq
  from transfer t
 where t.kind = 'promo'
   and not exists (
       select 1
         from promo_use u
        where u.code = t.memo
          and t.key = 'promo:' || u.code || ':' || cast(u.customer as text) || ':' || cast(u.no as text) || ':0')
 order by t.seq
 limit :limit";

    pub MISCOUNTED_CODES = "
select c.code
  from promo_code c
 where c.used <> (select count(*) from promo_use u where u.code = c.code)
 order by c.code
 limit :limit";

    pub FIRST_TOPUPS_THAT_DIFFER = "
select f.customer, case when f.bonus <> coalesce(t.amount, 0) then 1 else 0 end as given_differs
  from first_topup f
  left join transfer t on t.key = 'first-topup:' || cast(f.customer as text) || ':0'
  left join (select debit, cast(sum(amount) as bigint) as amount
               from transfer
              where kind = 'adjust' and key like 'first-topup-back:%'
              group by debit) as b
    on b.debit = 'customer:' || cast(f.customer as text) || ':bonus'
 where f.bonus <> coalesce(t.amount, 0) or f.taken_back <> coalesce(b.amount, 0)
 order by f.customer
 limit :limit";

    pub FIRST_BONUS_WITHOUT_TOPUP = "
select t.seq
  from transfer t
 where t.kind = 'gift' and t.key like 'first-topup:%'
   and not exists (select 1
                     from first_topup f
                    where t.key = 'first-topup:' || cast(f.customer as text) || ':0')
 order by t.seq
 limit :limit";
}

pub(super) fn check(tx: &mut Tx<'_>, findings: &mut Findings) -> Result<(), BookError> {
    let limit = params! { ":limit" => STRAYS_MAX };
    for row in tx.query(&USES_WITHOUT_BONUS, &limit)? {
        let present = format!("the use of {} by {}", row.text("code")?, row.int("customer")?);
        findings.add(Finding::PresentDiffers { present, why: "brought no bonus" });
    }
    for row in tx.query(&MISCOUNTED_CODES, &limit)? {
        let present = format!("the code {}", row.text("code")?);
        findings.add(Finding::PresentDiffers { present, why: "counts other uses than there are" });
    }
    for row in tx.query(&FIRST_TOPUPS_THAT_DIFFER, &limit)? {
        let present = format!("the first top-up of {}", row.int("customer")?);
        let why = match row.int("given_differs")? {
            0 => "had another bonus taken back than the ledger took",
            _ => "brought another bonus than the ledger gave",
        };
        findings.add(Finding::PresentDiffers { present, why });
    }
    strays(tx, &BONUS_WITHOUT_USE, "a promo code", findings)?;
    strays(tx, &FIRST_BONUS_WITHOUT_TOPUP, "a first top-up", findings)
}
