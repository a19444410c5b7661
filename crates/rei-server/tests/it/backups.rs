//! Copies that are made while customers order and pay, put into an empty place: sound, complete, and ready to go on.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rei_sim::telegram::SimMessage;
use rei_storage::testing::{EngineKind, PostgresServer, fresh_database};
use tokio::process::Command;

use crate::aftermath::{comes_to_rest, the_audit_agrees};
use crate::crowd::{Crowd, GIFT_RUBLES};
use crate::fleet::{ALONE, Fleet};
use crate::world::{PATIENCE, World, words};

const CUSTOMERS: u32 = 5;
/// The crowd has ordered and paid something by then.
const UNDER_LOAD: Duration = Duration::from_secs(5);

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_of_a_live_sqlite_book_is_restored_sound_and_the_house_starts_from_it() {
    let mut world = World::start(EngineKind::Sqlite).await;
    let yookassa = world.open_wide(GIFT_RUBLES).await;
    let fleet = Fleet::start(&world, ALONE).await;
    let mut crowd = Crowd::gathers(&world, &yookassa, CUSTOMERS, 11).await;
    tokio::time::sleep(UNDER_LOAD).await;
    let copy = world.folder.path().join("copy");
    let made = world.run(&["backup", &text(&copy)]).await;
    assert!(made.status.success(), "{}", words(&made));
    let again = world.run(&["backup", &text(&copy)]).await;
    assert!(words(&again).contains("exists already"), "{}", words(&again));
    comes_to_rest(&world, &yookassa, &fleet, &mut crowd).await;
    fleet.stops().await;

    // Its list names every file with its size and hash.
    let list = std::fs::read_to_string(copy.join("artifacts.txt")).expect("there is a list");
    assert!(list.lines().count() > 0, "the crowd has got pictures");
    for line in list.lines() {
        let words: Vec<_> = line.split(' ').collect();
        let [sha256, size, name] = words[..] else { panic!("{line}") };
        let file = std::fs::metadata(copy.join("blobs").join(name)).expect("it is there");
        assert_eq!(size, file.len().to_string(), "{line}");
        assert_eq!(sha256.len(), 64, "{line}");
    }

    // Into an empty place it goes whole; the place is then not empty any more.
    let place = moves_house(&mut world, "restored");
    let restored = world.run(&["restore", &text(&copy)]).await;
    assert!(restored.status.success(), "{}", words(&restored));
    assert!(words(&restored).contains("0 files are missing or damaged, 0 findings"));
    let again = world.run(&["restore", &text(&copy)]).await;
    assert!(words(&again).contains("only put into an empty place"), "{}", words(&again));
    the_audit_agrees(&world).await;
    let fleet = Fleet::start(&world, ALONE).await;
    let guest = &crowd.people()[0];
    let since = world.telegram.revision();
    guest.says("/balance");
    // What he was to get when the copy was made comes first.
    let answered = |message: &SimMessage| message.text.contains("Баланс:");
    guest.user.waits_for(since, PATIENCE, answered).await.expect("the house answers");
    fleet.stops().await;
    assert!(place.join("blobs").is_dir());
    the_audit_agrees(&world).await;

    // A file that is lost or damaged is named.
    let lines: Vec<_> =
        list.lines().map(|line| line.split(' ').next_back().expect("a name")).collect();
    let (lost, damaged) = (lines[0], lines[lines.len() - 1]);
    std::fs::write(copy.join("blobs").join(damaged), "other contents").expect("it can be written");
    std::fs::remove_file(copy.join("blobs").join(lost)).expect("it can be removed");
    moves_house(&mut world, "incomplete");
    let restored = world.run(&["restore", &text(&copy)]).await;
    assert_eq!(restored.status.code(), Some(1));
    let said = words(&restored);
    assert!(said.contains(&format!("{lost} (")) && said.contains("is missing"), "{said}");
    the_audit_agrees(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dump_of_a_live_postgresql_book_is_restored_sound_and_the_house_starts_from_it() {
    let mut world = World::start(EngineKind::Postgres).await;
    let yookassa = world.open_wide(GIFT_RUBLES).await;
    let fleet = Fleet::start(&world, ALONE).await;
    let mut crowd = Crowd::gathers(&world, &yookassa, CUSTOMERS, 12).await;
    tokio::time::sleep(UNDER_LOAD).await;
    let refused = world.run(&["backup", "copy"]).await;
    assert!(words(&refused).contains("is copied by pg_dump"), "{}", words(&refused));
    let (dump, live) = (world.folder.path().join("rei.dump"), world.database.clone());
    runs("pg_dump", &["-Fc", "-d", &live, "-f", &text(&dump)]).await;
    let files = world.folder.path().join("files");
    let copied = world.run(&["backup", "--files-only", &text(&files)]).await;
    assert!(copied.status.success(), "{}", words(&copied));
    comes_to_rest(&world, &yookassa, &fleet, &mut crowd).await;
    fleet.stops().await;
    the_audit_agrees(&world).await;

    let fresh = tokio::task::spawn_blocking(fresh_database).await.expect("a database");
    runs("pg_restore", &["--exit-on-error", "--no-owner", "-d", &fresh, &text(&dump)]).await;
    moves_house(&mut world, "restored");
    world.database = fresh.clone();
    world.set("DATABASE_URL", &fresh);
    let restored = world.run(&["restore", "--files-only", &text(&files)]).await;
    assert!(restored.status.success(), "{}", words(&restored));
    the_audit_agrees(&world).await;
    let fleet = Fleet::start(&world, ALONE).await;
    let guest = &crowd.people()[0];
    let since = world.telegram.revision();
    guest.says("/balance");
    // What he was to get when the copy was made comes first.
    let answered = |message: &SimMessage| message.text.contains("Баланс:");
    guest.user.waits_for(since, PATIENCE, answered).await.expect("the house answers");
    fleet.stops().await;
    the_audit_agrees(&world).await;
}

/// From now on the house lies in another, empty folder.
fn moves_house(world: &mut World, name: &str) -> PathBuf {
    let place = world.folder.path().join(name);
    world.database = format!("sqlite://{}", place.join("rei.db").display());
    let database = world.database.clone();
    world.set("DATABASE_URL", &database);
    world.set("DATA_DIR", &text(&place));
    place
}

async fn runs(program: &str, args: &[&str]) {
    let ended = Command::new(PostgresServer::program(program)).args(args).output().await;
    let ended = ended.expect("Debian's postgresql brings it along");
    assert!(ended.status.success(), "{program}: {}", words(&ended));
}

fn text(path: &Path) -> String {
    path.display().to_string()
}
