//! Finished jobs by the million, for benches.

use rei_domain::clock::Timestamp;

use crate::{BookError, Tx, params, statements};

statements! {
    // Ids that no real job has: their moment is 1970.
    pub FILL_FINISHED = {
        sqlite: "
with recursive n (i) as (select :first union all select i + 1 from n where i + 1 < :upto)
insert into job (id, queue, kind, subject, fair_key, priority, turn, state, due_at, attempts_made, attempts_max, created_at,
                 finished_at)
select unhex(printf('%032x', i)), :queue, 'filling', '', i % 100 + 1, 10, i, 'done', :at, 1, 5, :at, :at
  from n",
        postgres: "
insert into job (id, queue, kind, subject, fair_key, priority, turn, state, due_at, attempts_made, attempts_max, created_at,
                 finished_at)
select decode(lpad(to_hex(i), 32, '0'), 'hex'), cast(:queue as text), 'filling', '', i % 100 + 1, 10, i, 'done',
       cast(:at as bigint), 1, 5, cast(:at as bigint), cast(:at as bigint)
  from generate_series(cast(:first as bigint), cast(:upto as bigint) - 1) as n (i)",
    };

    pub ANALYZE = "analyze";
}

/// Adds finished jobs with the numbers `first` to before `upto`, each number once in a book.
///
/// # Errors
/// [`BookError`] when the book can't be used, or when a number is taken.
pub fn fill_finished(
    tx: &mut Tx<'_>,
    queue: &str,
    first: i64,
    upto: i64,
    at: Timestamp,
) -> Result<(), BookError> {
    let params = params! { ":queue" => queue, ":first" => first, ":upto" => upto, ":at" => at };
    tx.execute(&FILL_FINISHED, &params)?;
    Ok(())
}

/// Lets the engine look at how much there is, as it does by itself in time.
///
/// # Errors
/// [`BookError`] when the book can't be used.
pub fn analyze(tx: &mut Tx<'_>) -> Result<(), BookError> {
    tx.execute(&ANALYZE, &params! {}).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jobs::{clean, count_live};
    use crate::testing::{EngineKind, fresh_book};

    #[test]
    fn filled_jobs_are_finished() {
        for engine in EngineKind::ALL {
            let fresh = fresh_book(engine);
            let at = Timestamp(1_790_000_000_000);
            let looked = fresh.book.blocking_write(move |tx| {
                fill_finished(tx, "q", 0, 700, at)?;
                fill_finished(tx, "q", 700, 1_000, at)?;
                analyze(tx)?;
                let live = count_live(tx)?;
                Ok::<_, BookError>((
                    live,
                    clean(tx, at.plus(std::time::Duration::from_secs(1)), 5_000)?,
                ))
            });
            assert_eq!(looked.expect("the book works"), (0, 1_000), "{engine:?}");
        }
    }
}
