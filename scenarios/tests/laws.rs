//! Laws of the language: what is written reads the same again, and nothing that is read makes the parser panic.

use proptest::prelude::*;
use tombstone_model::ids::{ComputerId, ItemId, ItemSet, UserId, UserSet};
use tombstone_model::plan::{
    Change, ComputerSetup, Crash, Deletion, ItemSetup, Kind, Method, Names, Op, Place, Plan, Right, Rights, Setup,
    Side, Stage, Status, Step, Store, UserSetup,
};
use tombstone_model::time::{Schedule, Schedules, Zone};
use tombstone_scenarios::{Origin, Scenario, canonical, format, schema, suite, write};

const DAY: i32 = 86_400;

/// A stream of random choices: the whole plan is drawn from it, so that its parts can refer to each other.
struct Draw(std::vec::IntoIter<u32>);

impl Draw {
    fn below(&mut self, most: usize) -> usize {
        self.0.next().unwrap_or(0) as usize % most.max(1)
    }

    fn flag(&mut self) -> bool {
        self.below(2) == 1
    }

    fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }

    fn user(&mut self, setup: &Setup) -> UserId {
        UserId(self.below(setup.users.len()) as u8)
    }

    fn users(&mut self, setup: &Setup) -> UserSet {
        UserSet(self.below(1 << setup.users.len()) as u8)
    }

    fn item(&mut self, setup: &Setup) -> ItemId {
        ItemId(self.below(setup.items.len()) as u8)
    }

    fn schedule(&mut self, kind: Kind) -> Schedule {
        let start = self.one(&[0, 1, -1, 3600, -DAY, DAY, 90 * 60, 400 * DAY, -400 * DAY, 9 * DAY + 61]);
        if self.below(8) == 0 {
            Schedule::NONE
        } else if kind.is_calendar() {
            let count = self.one(&[1, 1, 2, 3, 4]);
            let every = if count == 1 { 0 } else { self.one(&[DAY, 7 * DAY, 3600]) };
            Schedule { start, end: start + self.one(&[0, 1800, 3600, DAY]), every, count }
        } else {
            Schedule { start, end: start, every: 0, count: 1 }
        }
    }

    fn intern(&mut self, setup: &mut Setup, kind: Kind) -> u8 {
        let schedule = self.schedule(kind);
        setup.schedules.number(schedule).expect("so many dates fit")
    }

    fn setup(&mut self) -> Setup {
        let start = chrono::DateTime::from_timestamp(1_450_000_000 + self.below(60_000_000) as i64, 0).unwrap();
        let zone = self.one(&["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu"]);
        let users = 1 + self.below(4);
        let mut setup = Setup {
            zone: Zone::named(zone, start).unwrap(),
            users: Vec::new(),
            computers: Vec::new(),
            items: Vec::new(),
            bystanders: 0,
            schedules: Schedules::default(),
        };
        for user in 0..users {
            setup.users.push(UserSetup {
                method: self.one(&[Method::OutlookClient, Method::ServerSide]),
                delegates: UserSet(self.below(1 << users) as u8).without(UserId(user as u8)),
                rights: Right::ALL.into_iter().fold(Rights::NONE, |rights, right| rights.set(right, self.flag())),
            });
        }
        for _ in 0..self.below(4) {
            let user = self.user(&setup);
            let first = setup.computers.iter().all(|other| other.user != user);
            setup.computers.push(ComputerSetup { user, synchronizing: first && self.flag() });
        }
        for _ in 0..self.below(8) {
            let item = self.item_setup(&mut setup);
            setup.items.push(item);
        }
        for at in 0..setup.items.len() {
            setup.items[at].regarding = self.flag().then(|| self.item(&setup));
            setup.items[at].parent = self.flag().then(|| self.item(&setup));
        }
        setup
    }

    fn item_setup(&mut self, setup: &mut Setup) -> ItemSetup {
        let kind = self.one(&Kind::ALL);
        let mut item = ItemSetup::new(kind, self.user(setup));
        if kind == Kind::Task {
            item.record = self.one(&[Kind::Task, Kind::PhoneCall, Kind::Letter, Kind::Fax]);
        }
        if !kind.is_crm_only() {
            item.copies = self.users(setup);
            item.tracked = UserSet(item.copies.0 & self.users(setup).0);
        }
        item.in_crm = self.flag();
        item.status = self.one(&[Status::Open, Status::Completed, Status::Cancelled]);
        if kind.is_calendar() {
            item.organizer = self.flag().then(|| self.user(setup));
            item.required = self.users(setup);
            item.optional = self.users(setup);
        }
        item.when = self.intern(setup, kind);
        let count = setup.schedules[usize::from(item.when)].count;
        item.exceptions = if count > 1 { self.below(1 << count) as u8 } else { 0 };
        item.store = self.one(&[Store::Exchange, Store::OutlookDefault, Store::Elsewhere]);
        item.assigned = self.flag();
        item
    }

    fn plan(&mut self) -> Plan {
        let mut setup = self.setup();
        let steps: Vec<Step> = (0..self.below(20)).filter_map(|_| self.step(&mut setup)).collect();
        let names = if self.flag() { Names::invented(&setup) } else { Names::default() };
        Plan { setup, steps, names }
    }

    fn crash(&mut self, setup: &Setup) -> Option<Crash> {
        (!setup.items.is_empty() && self.flag()).then(|| Crash { at: self.item(setup), stage: self.one(&Stage::ALL) })
    }

    /// A step that is possible as far as the setup tells; none where what was drawn is not.
    fn step(&mut self, setup: &mut Setup) -> Option<Step> {
        let (by, at) = if setup.computers.is_empty() || self.below(3) == 0 {
            (self.user(setup), Place::Web)
        } else {
            let computer = ComputerId(self.below(setup.computers.len()) as u8);
            (setup.computers[computer.index()].user, Place::Computer(computer))
        };
        let mailbox = self.user(setup);
        let opens = mailbox == by || setup.users[mailbox.index()].delegates.contains(by);
        let side = if self.flag() { Side::Outlook(mailbox) } else { Side::Crm };
        let verb = self.below(19);
        let mut op = match verb {
            0 => Op::Wait { seconds: self.below(3 * 86_400) as i32 },
            1 => Op::Settle,
            2 => Op::ServerSynchronize { mailbox, crash: self.crash(setup) },
            3 => Op::Connect,
            4 => Op::Disconnect,
            5 => Op::GoOffline { crash: self.crash(setup) },
            6 => Op::GoOnline { crash: self.crash(setup) },
            7 => Op::Synchronize { crash: self.crash(setup) },
            8 => Op::ChooseSynchronizingComputer,
            _ => Op::Restart,
        };
        if verb < 3 {
            return Some(Step { by, at, op });
        }
        if verb < 10 {
            return (at != Place::Web).then_some(Step { by, at, op });
        }
        if setup.items.is_empty() || !opens {
            return None;
        }
        let item = self.item(setup);
        // Nobody selects nothing.
        let items = ItemSet(self.below((1 << setup.items.len()) - 1) as u32 + 1);
        let kind = setup.items[item.index()].kind;
        let to = self.item(setup);
        op = match verb {
            10 if self.flag() => Op::Edit { item, side, change: Change::When(self.intern(setup, kind)) },
            10 => Op::Edit { item, side, change: Change::Title(self.below(256) as u8) },
            11 if side == Side::Crm => Op::Delete { item, side, how: Deletion::Hard },
            11 => Op::Delete { item, side, how: Deletion::WHOLE[self.below(3)] },
            12 => {
                let count = setup.schedules[usize::from(setup.items[item.index()].when)].count;
                Op::Delete { item, side, how: Deletion::Occurrence(self.below(count.into()) as u8) }
            }
            13 => Op::Track { items, mailbox, record: self.flag().then(|| self.one(&Kind::ALL)) },
            14 => Op::Untrack { items, mailbox, yes: self.flag() },
            15 => Op::SetRegarding { items, side, to },
            16 => Op::SetParent { item, side, to },
            17 => self.one(&[Op::Complete { item, side }, Op::Create { item, side }, Op::Cancel { item }]),
            _ => self.one(&[Op::Assign { item, to: mailbox }, Op::ChangeOrganizer { item, to: mailbox }]),
        };
        let selected = |item: ItemId| op.items().is_some_and(|items| items.contains(item));
        let crm_only = setup.items.iter().zip(0..).any(|(setup, id)| setup.kind.is_crm_only() && selected(ItemId(id)));
        let outlook = side != Side::Crm || matches!(op, Op::Track { .. } | Op::Untrack { .. });
        (!(crm_only && outlook)).then_some(Step { by, at, op })
    }
}

proptest! {
    #[test]
    fn a_written_plan_reads_the_same(choices in prop::collection::vec(any::<u32>(), 0..400), seed: u64, header in "[ -~]{0,20}") {
        let plan = Draw(choices.into_iter()).plan();
        let mut scenario = Scenario::new("counterexamples/one", "A \"title\"\nwith ' everything \\ in it", plan);
        scenario.note = Some("two\nlines\n".to_owned());
        scenario.header = vec![header.trim().to_owned(), format!("{seed} steps became 4")];
        scenario.origin = Some(Origin { seed, index: 7, rules: "abc".to_owned(), digests: vec!["1".to_owned()] });
        let written = write(&scenario);
        let mut read = Scenario::parse("one.toml", &written).unwrap_or_else(|errors| panic!("{errors}\n{written}"));
        prop_assert_eq!(read.spans.len(), scenario.plan.steps.len());
        for span in &read.spans {
            prop_assert!(written.is_char_boundary(span.start) && written[span.clone()].contains('='));
        }
        read.spans.clear();
        prop_assert_eq!(&read.plan, &canonical(&scenario.plan));
        scenario.plan = canonical(&scenario.plan);
        prop_assert_eq!(&read, &scenario);
        prop_assert_eq!(write(&read), written.clone());
        prop_assert_eq!(format(&written), Ok(written));
    }

    #[test]
    fn the_canonical_plan_is_its_own(choices in prop::collection::vec(any::<u32>(), 0..400)) {
        let plan = canonical(&Draw(choices.into_iter()).plan());
        prop_assert_eq!(canonical(&plan), plan);
    }

    #[test]
    fn any_text_is_answered(text in any::<String>()) {
        answered(&text);
    }

    #[test]
    fn any_bytes_are_answered(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        answered(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn any_mutation_of_the_suite_is_answered(
        which in any::<prop::sample::Index>(),
        cuts in prop::collection::vec((any::<prop::sample::Index>(), 0..12_usize, hostile()), 1..6),
    ) {
        let suite = suite();
        let mut text = which.get(&suite).1.to_owned();
        for (at, length, instead) in cuts {
            let start = text.floor_char_boundary(at.index(text.len().max(1)));
            let end = text.floor_char_boundary((start + length).min(text.len())).max(start);
            text.replace_range(start..end, &instead);
        }
        answered(&text);
    }
}

/// What is put where something was cut out.
fn hostile() -> impl Strategy<Value = String> {
    let pieces = [
        "",
        "\"",
        "=",
        "{",
        "}",
        "[",
        "]",
        "[[step]]\n",
        "\n",
        "é",
        "\u{0}",
        "99999999999999999999",
        "-1",
        "true",
        "\"+99999999999d\"",
        "\"-24855d\"",
        "{ every = \"9999d\", times = 4 }",
        "[items.x]\nkind = \"appointment\"\n",
        "start = \"2199-12-31T23:59\"\n",
        "now = \"2199-12-31T23:59:59\"\n",
        "now = \"0000-01-01T00:00:00Z\"\n",
        "all_day = true\n",
        "due = \"1900-01-01\"\n",
        "{a}",
        "[matrix]\na = [1, 2]\n",
        "where = { a = 1 }\n",
        "items",
        "anna",
        "2016-01-01",
        "zone = \"Asia/Kathmandu\"\n",
    ];
    prop_oneof![prop::sample::select(pieces.to_vec()).prop_map(str::to_owned), any::<char>().prop_map(String::from)]
}

/// Reading, rendering, formatting and writing must all come back, whatever the text.
fn answered(text: &str) {
    match Scenario::cases("hostile.toml", text) {
        Ok(scenarios) => {
            for scenario in scenarios {
                let written = write(&scenario);
                let read =
                    Scenario::parse("again.toml", &written).unwrap_or_else(|errors| panic!("{errors}\n{written}"));
                assert_eq!(canonical(&read.plan), canonical(&scenario.plan), "{text}\n{written}");
            }
        }
        Err(errors) => {
            assert!(!errors.list.is_empty());
            assert!(errors.render(false).starts_with("error[scenario::"));
            assert!(errors.render(true).contains("scenario::"));
        }
    }
    if let Ok(formatted) = format(text) {
        assert_eq!(format(&formatted), Ok(formatted.clone()), "{text}");
        let plain = |text: &str| text.parse::<toml::Table>();
        assert_eq!(plain(&formatted), plain(text), "{text}");
    }
}

#[test]
fn the_schema_is_a_schema() {
    assert!(jsonschema::meta::is_valid(&schema()));
}
