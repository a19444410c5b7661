//! One process runs the periodic tasks.

use std::sync::Mutex;

use rei_queue::{Periodic, Scheduler, Tasks};
use rei_storage::jobs::Role;

use super::*;

const MINUTE: Duration = Duration::from_secs(60);
const TASKS: [Periodic; 2] = [
    Periodic { name: "sweep", every: MINUTE },
    Periodic { name: "seal", every: Duration::from_secs(600) },
];

type Ran = Arc<Mutex<Vec<String>>>;

/// Writes down who ran what; the task "seal" fails.
struct Diary {
    who: &'static str,
    ran: Ran,
}

impl Tasks for Diary {
    fn tasks(&self) -> &[Periodic] {
        &TASKS
    }

    fn run<'a>(
        &'a self,
        name: &'a str,
    ) -> BoxFuture<'a, Result<(), Box<dyn std::error::Error + Send + Sync>>> {
        Box::pin(async move {
            self.ran.lock().expect("no panic held it").push(format!("{} {name}", self.who));
            if name == "seal" { Err("the seal broke".into()) } else { Ok(()) }
        })
    }
}

fn scheduler(house: &House, who: &'static str, ran: &Ran) -> Scheduler<Diary> {
    let tasks = Diary { who, ran: Arc::clone(ran) };
    Scheduler::new(house.book.clone(), house.clock.clone(), who.to_owned(), tasks)
}

fn taken(ran: &Ran) -> Vec<String> {
    std::mem::take(&mut *ran.lock().expect("no panic held it"))
}

#[test]
fn one_process_runs_the_tasks_and_another_takes_over_when_it_dies() {
    on_each_engine(|house| async move {
        let ran = Ran::default();
        let (one, two) = (scheduler(&house, "one", &ran), scheduler(&house, "two", &ran));
        assert_eq!(one.tick().await.expect("it ticks"), 2);
        assert_eq!(two.tick().await.expect("it ticks"), 0);
        assert_eq!(taken(&ran), ["one sweep", "one seal"]);
        // Both live: the role stays where it is.
        for _ in 0..12 {
            house.clock.advance(Duration::from_secs(5));
            one.tick().await.expect("it ticks");
            assert_eq!(two.tick().await.expect("it ticks"), 0);
        }
        assert_eq!(taken(&ran), ["one sweep"]);
        // The first one is dead; a task that failed came at its ordinary time.
        house.clock.advance(Duration::from_secs(29));
        assert_eq!(two.tick().await.expect("it ticks"), 0, "nothing is due yet");
        assert_eq!(one.tick().await.expect("it ticks"), 0);
        house.clock.advance(Duration::from_secs(571));
        two.tick().await.expect("it ticks");
        assert_eq!(taken(&ran), ["two sweep", "two seal"]);
    });
}

#[test]
fn the_role_of_a_process_that_vanished_moves_within_thirty_seconds() {
    on_each_engine(|house| async move {
        let ran = Ran::default();
        let (_stop, stopped) = tokio::sync::watch::channel(false);
        let vanishing = tokio::spawn(scheduler(&house, "one", &ran).run(stopped));
        house.until(|| async { ran.lock().expect("no panic held it").len() == 2 }).await;
        // Cut off: it gives nothing up.
        vanishing.abort();
        assert!(vanishing.await.expect_err("it was cut off").is_cancelled());
        let now = house.clock.now();
        let holds = house.book.read(move |tx| jobs::role(tx, "scheduler", "two", now)).await;
        assert!(matches!(holds.expect("it reads"), Role::Others(_)));
        taken(&ran);
        // The next one looks every second, and the first task may have been cut off before its end was written down.
        house.clock.advance(Duration::from_secs(28));
        let two = scheduler(&house, "two", &ran);
        two.tick().await.expect("it ticks");
        let now = house.clock.now();
        let holds = house.book.read(move |tx| jobs::role(tx, "scheduler", "two", now)).await;
        assert!(matches!(holds.expect("it reads"), Role::Mine(_)));
        house.clock.advance(MINUTE);
        two.tick().await.expect("it ticks");
        assert!(taken(&ran).contains(&"two sweep".to_owned()));
    });
}

#[test]
fn a_scheduler_that_stops_gives_up_its_role_at_once() {
    on_each_engine(|house| async move {
        let ran = Ran::default();
        let (stop, stopped) = tokio::sync::watch::channel(false);
        let running = tokio::spawn(scheduler(&house, "one", &ran).run(stopped));
        let taken_up = || async { ran.lock().expect("no panic held it").len() == 2 };
        house.until(taken_up).await;
        stop.send(true).expect("it listens");
        running.await.expect("it stops");
        house.clock.advance(MINUTE);
        scheduler(&house, "two", &ran).tick().await.expect("it ticks");
        // The last task may have been cut off before it was written down; then it comes again.
        assert!(taken(&ran).contains(&"two sweep".to_owned()));
    });
}

/// Watches the role while it works, until the role has moved on.
struct Slow {
    book: Book,
    clock: Arc<ManualClock>,
}

impl Tasks for Slow {
    fn tasks(&self) -> &[Periodic] {
        &TASKS[..1]
    }

    fn run<'a>(
        &'a self,
        _: &'a str,
    ) -> BoxFuture<'a, Result<(), Box<dyn std::error::Error + Send + Sync>>> {
        Box::pin(async move {
            for _ in 0..3 {
                self.clock.advance(Duration::from_secs(10));
                let now = self.clock.now();
                let wanted = Role::Mine(now.plus(Duration::from_secs(15)));
                while self.book.read(move |tx| jobs::role(tx, "scheduler", "one", now)).await?
                    != wanted
                {
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
            }
            Ok(())
        })
    }
}

#[tokio::test(start_paused = true)]
async fn a_long_task_keeps_the_role() {
    let files = fresh_book(EngineKind::Sqlite);
    let clock = Arc::new(ManualClock::at(NOW));
    let tasks = Slow { book: files.book.clone(), clock: clock.clone() };
    let one = Scheduler::new(files.book.clone(), clock, "one".to_owned(), tasks);
    assert_eq!(one.tick().await.expect("it ticks"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_long_task_is_cut_off_when_the_role_has_moved() {
    struct Endless;
    impl Tasks for Endless {
        fn tasks(&self) -> &[Periodic] {
            &TASKS[..1]
        }
        fn run<'a>(
            &'a self,
            _: &'a str,
        ) -> BoxFuture<'a, Result<(), Box<dyn std::error::Error + Send + Sync>>> {
            Box::pin(std::future::pending())
        }
    }
    let files = fresh_book(EngineKind::Sqlite);
    let clock = Arc::new(ManualClock::at(NOW));
    let one = Scheduler::new(files.book.clone(), clock.clone(), "one".to_owned(), Endless);
    let book = files.book.clone();
    let thief = async {
        let role = || book.read(|tx| jobs::role(tx, "scheduler", "one", NOW));
        while !matches!(role().await.expect("it reads"), Role::Mine(_)) {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let later = NOW.plus(MINUTE);
        let taken = book.write(move |tx| jobs::take_lease(tx, "scheduler", "two", MINUTE, later));
        assert_eq!(taken.await.expect("it commits"), Some(2));
    };
    let (ticked, ()) = tokio::join!(one.tick(), thief);
    assert_eq!(ticked.expect("it ticks"), 1);
}
