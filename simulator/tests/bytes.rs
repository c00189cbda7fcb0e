//! Whatever bytes arrive, nothing panics: the scenario parser says what is wrong and where, the decoders of the protocol
//! answer or decline, and the generator makes a plan of them that the language can say.
//!
//! `PROPTEST_CASES=100000 cargo test --release -p tombstone-simulator --test bytes` searches longer.

use std::sync::{Arc, LazyLock};

use proptest::collection::vec;
use proptest::prelude::{Strategy, any, prop_oneof};
use proptest::sample::{Index, select};
use proptest::test_runner::Config as ProptestConfig;
use proptest::{prop_assert, prop_assert_eq, proptest};
use serde_json::{Value, json};
use tombstone_adapter::protocol::{
    Apply, Call, Initialize, JsonRpc, Observe, PROTOCOL_VERSION, Request, Response, Snapshot,
};
use tombstone_adapter::serve;
use tombstone_adapter::translate::Dictionary;
use tombstone_campaign::campaign;
use tombstone_engines::{Make, outlook_client};
use tombstone_model::contract::implementation::{Capabilities, Implementation};
use tombstone_model::plan::{Names, Plan};
use tombstone_model::readings::profiles::Profile;
use tombstone_model::reference::Reference;
use tombstone_model::rules::Rules;
use tombstone_model::view::View;
use tombstone_scenarios::{Scenario, canonical, suite, write};
use tombstone_search::choose::{Bytes, Choose};
use tombstone_search::generate::{self, Mix};

static SUITE: LazyLock<Vec<&'static str>> = LazyLock::new(|| suite().into_iter().map(|(_, text)| text).collect());

/// One change to a text: bytes taken out, bytes of the same text or of anywhere put in, or one byte turned into another.
#[derive(Clone, Debug)]
enum Change {
    Remove(Index, u8),
    Repeat(Index, Index, u8),
    Insert(Index, Vec<u8>),
    Replace(Index, u8),
    Swap(Index, Index),
}

fn change() -> impl Strategy<Value = Change> {
    let telling = select(b"\"'[]{}=,.\\#-+:0123456789\n\r\t aez\0\xff".to_vec());
    let bytes = vec(prop_oneof![telling.clone(), any::<u8>()], 1..6);
    prop_oneof![
        (any::<Index>(), any::<u8>()).prop_map(|(at, count)| Change::Remove(at, count % 40)),
        (any::<Index>(), any::<Index>(), any::<u8>()).prop_map(|(from, to, count)| Change::Repeat(from, to, count)),
        (any::<Index>(), bytes).prop_map(|(at, bytes)| Change::Insert(at, bytes)),
        (any::<Index>(), telling).prop_map(|(at, byte)| Change::Replace(at, byte)),
        (any::<Index>(), any::<Index>()).prop_map(|(one, other)| Change::Swap(one, other)),
    ]
}

fn mutated(mut text: Vec<u8>, changes: &[Change]) -> Vec<u8> {
    for change in changes {
        if text.is_empty() {
            break;
        }
        let length = text.len();
        match change {
            Change::Remove(at, count) => {
                let from = at.index(length);
                text.drain(from..(from + usize::from(*count)).min(length));
            }
            Change::Repeat(from, to, count) => {
                let (from, to) = (from.index(length), to.index(length));
                let part = text[from..(from + usize::from(*count)).min(length)].to_vec();
                text.splice(to..to, part);
            }
            Change::Insert(at, bytes) => {
                let at = at.index(length);
                text.splice(at..at, bytes.iter().copied());
            }
            Change::Replace(at, byte) => {
                let at = at.index(length);
                text[at] = *byte;
            }
            Change::Swap(one, other) => text.swap(one.index(length), other.index(length)),
        }
    }
    text
}

/// A scenario of the suite with a few changes, or no scenario at all.
fn scenario() -> impl Strategy<Value = Vec<u8>> {
    let changed = (select(SUITE.clone()), vec(change(), 0..6));
    let changed = changed.prop_map(|(text, changes)| mutated(text.as_bytes().to_vec(), &changes));
    prop_oneof![9 => changed, 1 => vec(any::<u8>(), 0..300)]
}

/// Reads a text; what is wrong with it must lie inside it.
fn parse(text: &str) -> Result<Option<Vec<Scenario>>, String> {
    match Scenario::cases("bytes.toml", text) {
        Ok(scenarios) => Ok(Some(scenarios)),
        Err(errors) => {
            let placed = |span: &std::ops::Range<usize>| {
                span.start <= span.end
                    && span.end <= text.len()
                    && text.is_char_boundary(span.start)
                    && text.is_char_boundary(span.end)
            };
            if errors.list.is_empty() {
                return Err("nothing is said to be wrong".to_owned());
            }
            if let Some(error) = errors.list.iter().find(|error| !placed(&error.span)) {
                return Err(format!("{error:?} lies outside"));
            }
            errors.render(false);
            Ok(None)
        }
    }
}

fn plan(bytes: &[u8]) -> Plan {
    let mut choose = Bytes(bytes);
    let strategy = generate::Strategy::ALL[choose.below(generate::Strategy::ALL.len() as u32) as usize];
    let mix = Mix::draw(&mut choose, strategy);
    let setup = generate::setup(&mut choose, &mix);
    let mut steps = Vec::new();
    generate::steps(&mut choose, &mix, &setup, &mut steps);
    Plan { setup, steps, names: Names::default() }
}

/// A conversation about a plan, as an adapter reads it.
fn conversation(index: u64) -> Vec<u8> {
    let plan = campaign::draw(5, index, &Capabilities::ALL).0;
    let mut dictionary = Dictionary::new(&plan);
    let mut calls = vec![
        Call::Initialize(Initialize { protocol: PROTOCOL_VERSION, harness: "0".to_owned(), deadline_ms: 1000 }),
        Call::Reset(dictionary.reset(1000)),
    ];
    for step in plan.steps.iter().take(6) {
        dictionary.remember(step);
        if let Some(step) = dictionary.step(step) {
            calls.push(Call::Apply(Apply { deadline_ms: 1000, steps: vec![step] }));
        }
    }
    calls.push(Call::Observe(Observe { deadline_ms: 1000 }));
    let lines = calls.into_iter().zip(0u64..).map(|(call, id)| {
        let request = Request { jsonrpc: JsonRpc::Two, id, call };
        serde_json::to_string(&request).expect("a request") + "\n"
    });
    lines.collect::<String>().into_bytes()
}

/// What an adapter answers to an observation.
fn observed(index: u64) -> (Dictionary, Plan, Vec<u8>) {
    let plan = campaign::draw(6, index, &Capabilities::ALL).0;
    let readings = Profile::named(Profile::DEFAULT).expect("the profile").readings();
    let mut reference = Reference::new("reference", Arc::new(Rules::documented().clone()), readings);
    reference.reset(&plan).expect("the reference starts anywhere");
    let mut dictionary = Dictionary::new(&plan);
    for step in &plan.steps {
        dictionary.remember(step);
        reference.step(step);
    }
    let mut view = View::new(&plan.setup);
    reference.observe(&mut view).expect("the reference shows everything");
    let response = json!({ "jsonrpc": "2.0", "id": 7, "result": dictionary.snapshot(&view) });
    (dictionary, plan, response.to_string().into_bytes())
}

proptest! {
    // What was found once is said by the seed that proptest prints; files beside the tests would be the machine's own.
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_scenario_is_read_or_told_what_is_wrong_with_it(bytes in scenario()) {
        let text = String::from_utf8_lossy(&bytes);
        match parse(&text) {
            Ok(Some(read)) => {
                for read in read {
                    let written = write(&read);
                    match Scenario::parse("bytes.toml", &written) {
                        Ok(again) => prop_assert_eq!(canonical(&again.plan), canonical(&read.plan), "{}", written),
                        Err(errors) => prop_assert!(false, "what is written cannot be read: {errors}\n{written}"),
                    }
                }
            }
            Ok(None) => {}
            Err(why) => prop_assert!(false, "{}", why),
        }
    }

    #[test]
    fn a_plan_drawn_from_any_bytes_can_be_said(bytes in vec(any::<u8>(), 0..400)) {
        let plan = plan(&bytes);
        let written = write(&Scenario::new("bytes", "bytes", plan.clone()));
        match Scenario::parse("bytes.toml", &written) {
            Ok(read) => prop_assert_eq!(read.plan, canonical(&plan)),
            Err(errors) => prop_assert!(false, "{}", errors.render(false)),
        }
    }

    #[test]
    fn an_adapter_answers_every_line(index in 0u64..50, changes in vec(change(), 0..5), garbage in vec(any::<u8>(), 0..40)) {
        let mut input = mutated(conversation(index), &changes);
        input.push(b'\n');
        input.extend(garbage);
        let mut output = Vec::new();
        let served = serve(&mut *outlook_client(Make::default()), &input[..], &mut output);
        prop_assert!(served.is_ok());
        let asked = input.split(|&byte| byte == b'\n').filter(|line| !line.trim_ascii().is_empty()).count();
        let answers: Vec<Value> = output
            .split(|&byte| byte == b'\n')
            .filter(|line| !line.is_empty())
            .map(|line| serde_json::from_slice(line).expect("every answer is JSON"))
            .collect();
        prop_assert!(answers.len() <= asked);
        for answer in answers {
            let told = answer["error"]["message"].as_str().is_some_and(|message| !message.is_empty());
            prop_assert!(answer.get("result").is_some() || told, "{}", answer);
        }
    }

    #[test]
    fn an_answer_is_understood_or_declined(index in 0u64..50, changes in vec(change(), 0..5)) {
        let (dictionary, plan, line) = observed(index);
        let line = mutated(line, &changes);
        if let Ok(response) = serde_json::from_slice::<Response>(&line)
            && let Some(result) = response.result
            && let Ok(snapshot) = serde_json::from_value::<Snapshot>(result)
        {
            let mut view = View::new(&plan.setup);
            match dictionary.read(snapshot, &mut view) {
                Ok(_) => prop_assert_eq!(view.words().len(), View::new(&plan.setup).words().len()),
                Err(why) => prop_assert!(!why.is_empty()),
            }
        }
    }
}

/// Without a change everything is understood, so that the laws above say something.
#[test]
fn what_is_not_changed_is_understood() {
    let mut output = Vec::new();
    serve(&mut *outlook_client(Make::default()), &conversation(1)[..], &mut output).expect("a conversation");
    let text = String::from_utf8(output).expect("text");
    assert!(text.lines().count() > 3 && !text.contains("\"error\""), "{text}");
    let (dictionary, plan, line) = observed(1);
    let response: Response = serde_json::from_slice(&line).expect("a response");
    let snapshot = serde_json::from_value(response.result.expect("a result")).expect("a snapshot");
    assert!(dictionary.read(snapshot, &mut View::new(&plan.setup)).is_ok());
    assert!(SUITE.iter().all(|text| matches!(parse(text), Ok(Some(_)))));
}
