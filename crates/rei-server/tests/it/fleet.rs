//! The processes of a house: started together, killed, stopped and started again.

use rei_redis::testing::RedisServer;
use rei_storage::testing::EngineKind;

use crate::app::Shape;
use crate::world::{Process, World, answers, free_address};

/// A process by its name and what the binary is told.
pub type Part = (&'static str, &'static [&'static str]);

/// Everything in one process.
pub const ALONE: &[Part] = &[("serve", &["serve"])];
/// Two of each part that does work, and a door.
pub const MANY: &[Part] = &[
    ("bot-1", &["bot"]),
    ("bot-2", &["bot"]),
    ("worker-1", &["worker"]),
    ("worker-2", &["worker"]),
    ("web", &["web"]),
];

/// A house of real processes in one of its shapes, not started yet: its world, its parts, and the Redis that they share.
pub async fn house_of(shape: Shape) -> (World, &'static [Part], Option<RedisServer>) {
    let (engine, parts) = match shape {
        Shape::Sqlite => (EngineKind::Sqlite, ALONE),
        Shape::Postgres => (EngineKind::Postgres, ALONE),
        Shape::Fleet => (EngineKind::Postgres, MANY),
    };
    let mut world = World::start(engine).await;
    world.set("HTTP_BIND", &free_address());
    let redis = if shape == Shape::Fleet { Some(world.share_redis().await) } else { None };
    (world, parts, redis)
}

/// Running processes.
pub struct Fleet {
    members: Vec<Member>,
}

struct Member {
    part: Part,
    process: Process,
}

impl Fleet {
    /// Starts them, and waits until the door is open.
    pub async fn start(world: &World, parts: &[Part]) -> Self {
        let member = |part: &Part| Member { part: *part, process: spawn(world, *part) };
        let fleet = Self { members: parts.iter().map(member).collect() };
        answers(world.door(), "/readyz").await;
        fleet
    }

    /// How many there are.
    pub fn size(&self) -> usize {
        self.members.len()
    }

    /// The process of this name.
    pub fn process(&self, name: &str) -> &Process {
        let found = self.members.iter().find(|member| member.part.0 == name);
        &found.expect("there is one of this name").process
    }

    /// Kills one in the middle of whatever it does, and starts it again at once.
    pub async fn kills(&mut self, number: usize, world: &World) {
        self.all_run();
        let member = &mut self.members[number];
        member.process.kill().await;
        member.process = spawn(world, member.part);
    }

    /// Tells one to end, which it does in time and well, and starts it again.
    pub async fn restarts(&mut self, number: usize, world: &World) {
        self.all_run();
        let member = &mut self.members[number];
        let (name, _) = member.part;
        let ended = member.process.ends_when_told().await;
        assert_eq!(ended.code(), Some(0), "{name}: {}", member.process.said_last());
        member.process = spawn(world, member.part);
    }

    /// Tells all to end; every one does so in time, and well.
    pub async fn stops(mut self) {
        self.all_run();
        for Member { part: (name, _), process } in &mut self.members {
            let ended = process.ends_when_told().await;
            assert_eq!(ended.code(), Some(0), "{name}: {}", process.said_last());
        }
    }

    /// Everything that they have printed.
    pub fn said(&self) -> String {
        self.members.iter().map(|member| member.process.said()).collect()
    }

    /// Whatever they have printed last, by name.
    pub fn said_last(&self) -> String {
        let said = self.members.iter().map(|Member { part: (name, _), process }| {
            format!("--- {name}\n{}\n", process.said_last())
        });
        said.collect()
    }

    fn all_run(&mut self) {
        for Member { part: (name, _), process } in &mut self.members {
            if let Some(ended) = process.has_ended() {
                panic!("{name} ended by itself, {ended}: {}", process.said_last());
            }
        }
    }
}

fn spawn(world: &World, (name, args): Part) -> Process {
    world.spawn(name, args, &[])
}
