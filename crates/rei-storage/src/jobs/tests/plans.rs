//! A hundred thousand finished jobs cost nothing: every statement of the queue's daily work stays on the small
//! indexes of live rows.

use super::super::{claim as claims, control, ends, lists, priority};
use super::*;
use crate::Sql;
use crate::testing::{temp_postgres, temp_sqlite};

const FINISHED: i64 = 100_000;
const COLUMNS: &str = "id, queue, kind, subject, fair_key, priority, turn, state, due_at, attempts_max, created_at, finished_at";

/// Everything that workers, customers and gauges ask for all the time.
fn daily() -> Vec<&'static Sql> {
    vec![
        &claims::PROMOTE,
        &claims::ABANDONED,
        &claims::ANYTHING_DUE,
        &claims::CLAIM,
        &claims::MORE_READY,
        &claims::EXTEND,
        &claims::GUARD,
        &ends::DONE,
        &ends::SNOOZE,
        &ends::FAIL,
        &control::CANCEL_READY,
        &control::REVIVE,
        &lists::AHEAD,
        &lists::COUNT_RUNNING,
        &lists::COUNT_LIVE,
        &priority::SET,
        &lists::DEPTHS,
        &lists::LIST_READY,
        &lists::LIST_DEAD,
        &lists::NEXT_DUE,
    ]
}

fn fill(book: &Book, finished: String) {
    put_for(book, 1..=100);
    put(book, job_of(1).due_at(NOW.plus(LEASE)));
    claim_at(book, "anna", 10, NOW);
    write(book, move |tx| tx.execute_text(&format!("{finished}; analyze")));
    let job = put(book, job_of(1));
    write(book, move |tx| control::cancel_ready(tx, job, NOW));
}

#[test]
fn finished_jobs_do_not_change_the_plans_on_sqlite() {
    let fresh = temp_sqlite();
    fill(
        &fresh.book,
        format!(
            "with recursive n(i) as (select 1 union all select i + 1 from n where i < {FINISHED})
             insert into job ({COLUMNS})
             select randomblob(16), '{QUEUE}', 'draw', '', i % 50, 10, i, 'done', i, 5, i, i from n"
        ),
    );
    let path = fresh.url.trim_start_matches("sqlite://");
    let connection = rusqlite::Connection::open(path).expect("the file opens");
    for sql in daily() {
        let mut statement = connection
            .prepare(&format!("explain query plan {}", sql.sqlite()))
            .expect("it can be explained");
        // Parameters without a value are null: the plan doesn't depend on them.
        let mut rows = statement.raw_query();
        let mut steps: Vec<String> = Vec::new();
        while let Some(row) = rows.next().expect("it can be explained") {
            steps.push(row.get("detail").expect("a step has words"));
        }
        let whole_table = steps.iter().any(|step| {
            ["SCAN job", "SCAN j", "SCAN live", "SCAN r"].contains(&step.as_str())
                || step.contains("AUTOMATIC")
        });
        assert!(!whole_table, "{}\n{steps:#?}", sql.sqlite());
    }
}

#[test]
fn finished_jobs_do_not_change_the_plans_on_postgres() {
    let fresh = temp_postgres();
    fill(
        &fresh.book,
        format!(
            "insert into job ({COLUMNS})
             select decode(md5(i::text), 'hex'), '{QUEUE}', 'draw', '', i % 50, 10, i, 'done', i, 5, i, i
               from generate_series(1, {FINISHED}) i"
        ),
    );
    let mut client =
        postgres::Client::connect(&fresh.url, postgres::NoTls).expect("the server answers");
    client.batch_execute("set plan_cache_mode = force_generic_plan").expect("it is allowed");
    for sql in daily() {
        let numbered = sql.postgres();
        client
            .batch_execute(&format!("deallocate all; prepare p as {}", numbered.text))
            .expect("it can be prepared");
        let values = vec!["null"; numbered.names.len()].join(", ");
        let values = if values.is_empty() { values } else { format!("({values})") };
        let rows =
            client.query(&format!("explain execute p{values}"), &[]).expect("it can be explained");
        let steps: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
        let whole_table = steps.iter().any(|step| step.contains("Seq Scan on job"));
        assert!(!whole_table, "{}\n{steps:#?}", numbered.text);
    }
}
