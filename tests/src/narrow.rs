//! The reference behind the adapter protocol, claiming less than it can: all but one capability, or one kind only. It holds
//! the harness to what `PROTOCOL.md` says of claims, word by word and without asking the model: whatever it is asked for and
//! did not claim it answers with an error, and writes down.
//!
//! ```text
//! narrow-under-test CLAIM FILE     all but `kind:NAME`, `field:NAME`, `operation:NAME`, `roles`, `users` …; or `only:KIND`
//! ```

use std::collections::BTreeSet;
use std::io::{self, BufRead as _, Write as _};
use std::sync::Arc;

use serde_json::{Map, Value, json};
use tombstone_adapter::serve::Server;
use tombstone_model::readings::profiles::Profile;
use tombstone_model::reference::Reference;
use tombstone_model::rules::Rules;

/// What lives in CRM only.
const CRM_ONLY: [&str; 4] = ["account", "lead", "opportunity", "case"];

fn main() -> io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let (claim, file) = (arguments.next().unwrap_or_default(), arguments.next().unwrap_or_default());
    let readings = Profile::standard().readings();
    let mut reference = Reference::new("narrow", Arc::new(Rules::documented().clone()), readings);
    let mut narrow = Narrow { served: Server::new(&mut reference), claimed: Value::Null, world: Value::Null };
    let mut output = io::stdout().lock();
    for line in io::stdin().lock().split(b'\n') {
        let request: Value = serde_json::from_slice(&line?)?;
        let answer = match narrow.unclaimed(&request) {
            Some(what) => {
                let mut log = std::fs::OpenOptions::new().create(true).append(true).open(&file)?;
                writeln!(log, "{what}: {request}")?;
                let message = format!("asked for {what}, which is not claimed");
                json!({"jsonrpc": "2.0", "id": request["id"], "error": {"code": -32000, "message": message}})
            }
            None => narrow.answer(&request, &claim),
        };
        writeln!(output, "{answer}")?;
        output.flush()?;
        if request["method"] == "shutdown" {
            break;
        }
    }
    Ok(())
}

/// The reference, and what is said of it.
struct Narrow<'r> {
    served: Server<'r>,
    /// The capabilities that are claimed.
    claimed: Value,
    /// The parameters of the last `reset`.
    world: Value,
}

impl Narrow<'_> {
    fn answer(&mut self, request: &Value, claim: &str) -> Value {
        let done = |result: Value| json!({"jsonrpc": "2.0", "id": request["id"], "result": result});
        match request["method"].as_str().unwrap_or_default() {
            "lose_state" => return done(json!({"answer": "done"})),
            // It has no memory that a kill could hurt.
            "crash" => {
                let computer = &self.world["computers"][0];
                let step = json!({"by": computer["user"], "computer": computer["name"], "op": "synchronize"});
                let steps = json!({"deadline_ms": 0, "steps": [step]});
                self.ask(&json!({"jsonrpc": "2.0", "id": 0, "method": "apply", "params": steps}));
                return done(json!({"answer": "done", "outcome": "killed"}));
            }
            "reset" => self.world = request["params"].clone(),
            _ => {}
        }
        let mut answer = self.ask(request);
        let result = &mut answer["result"];
        if let Some(capabilities) = result.get_mut("capabilities") {
            capabilities["disasters"] = json!(["kill", "lose-state"]);
            without(capabilities, claim);
            self.claimed = capabilities.clone();
        }
        if let Some(entries) = result.get_mut("entries").and_then(Value::as_array_mut) {
            entries.retain(|entry| self.has("caches") || entry.get("computer").is_none_or(Value::is_null));
            entries.iter_mut().filter_map(Value::as_object_mut).for_each(|entry| self.show(entry));
        }
        if let Some(answers) = result.get_mut("answers").and_then(Value::as_array_mut)
            && !self.has("prompts")
        {
            answers.iter_mut().filter_map(Value::as_object_mut).for_each(|answer| drop(answer.remove("prompted")));
        }
        answer
    }

    fn ask(&mut self, request: &Value) -> Value {
        let line = self.served.respond(request.to_string().as_bytes()).unwrap_or_default();
        serde_json::from_str(&line).unwrap_or_default()
    }

    /// Takes out of an entry what is not claimed.
    fn show(&self, entry: &mut Map<String, Value>) {
        let title = entry["title"].as_str().and_then(|title| title.split_once(" #"));
        let kind = title.map(|(name, _)| self.kind(name)).unwrap_or_default().to_owned();
        for field in ["status", "organizer", "owner", "regarding", "parent", "required", "optional", "occurrences"] {
            if !self.sees(&kind, field) {
                entry.remove(field);
            }
        }
        for (field, key) in [("exceptions", "exceptions"), ("tracked", "tracked"), ("when", "dates")] {
            if !self.sees(&kind, field) {
                entry.remove(key);
            }
        }
    }

    fn has(&self, flag: &str) -> bool {
        self.claimed[flag] == true
    }

    fn claims(&self, operation: &str) -> bool {
        holds(&self.claimed["operations"], operation)
    }

    fn knows(&self, kind: &Value) -> bool {
        kind.as_str().is_some_and(|kind| self.claimed["kinds"].get(kind).is_some())
    }

    fn sees(&self, kind: &str, field: &str) -> bool {
        holds(&self.claimed["kinds"][kind]["fields"], field)
    }

    fn item(&self, name: &str) -> &Value {
        let items = self.world["items"].as_array().map(Vec::as_slice).unwrap_or_default();
        items.iter().find(|item| item["name"] == name).unwrap_or(&Value::Null)
    }

    fn kind(&self, name: &str) -> &str {
        self.item(name)["kind"].as_str().unwrap_or_default()
    }

    /// What a request asks for that is not claimed.
    fn unclaimed(&self, request: &Value) -> Option<String> {
        let parameters = &request["params"];
        let struck = |word: &str| (!holds(&self.claimed["disasters"], word)).then(|| word.to_owned());
        match request["method"].as_str().unwrap_or_default() {
            "reset" => self.unclaimed_of_world(parameters),
            "apply" => each(&parameters["steps"]).find_map(|step| self.unclaimed_of_step(step)),
            "crash" => struck("kill"),
            "lose_state" => struck("lose-state"),
            "strike" => struck(parameters["blow"].as_str().unwrap_or_default()),
            _ => None,
        }
    }

    fn unclaimed_of_world(&self, world: &Value) -> Option<String> {
        let users = each(&world["users"]);
        let mut missing = Vec::new();
        let mut need = |has: bool, what: &str| {
            if !has {
                missing.push(what.to_owned());
            }
        };
        need(users.clone().count() < 2 || self.has("users"), "users");
        for user in users {
            need(each(&user["delegates"]).count() == 0 || self.claims("delegate"), "delegate");
            need(user["may_delete"] == true || self.has("roles"), "roles");
            let barred = ["may_create", "may_write"].into_iter().any(|right| user[right] == false);
            need(!barred || self.has("rights"), "rights");
            let told = if user["method"] == "server-side" { "server-synchronize" } else { "synchronize" };
            need(self.claims(told), told);
        }
        let owners: Vec<&Value> = each(&world["computers"]).map(|computer| &computer["user"]).collect();
        let distinct: BTreeSet<String> = owners.iter().map(ToString::to_string).collect();
        need(owners.len() == distinct.len() || self.has("computers"), "computers");
        for item in each(&world["items"]) {
            let kind = item["kind"].as_str().unwrap_or_default();
            for kind in [&item["kind"], &item["record"]] {
                need(self.knows(kind), &format!("the kind {kind}"));
            }
            let usual = if kind == "email" { "completed" } else { "open" };
            let special = [
                ("when", item["dates"].as_object().is_some_and(|dates| !dates.is_empty())),
                ("status", item["status"] != usual),
                ("exceptions", each(&item["exceptions"]).count() > 0),
                ("regarding", !item["regarding"].is_null()),
                ("parent", !item["parent"].is_null()),
            ];
            for (field, has) in special {
                need(!has || self.sees(kind, field), &format!("the field {field}"));
            }
            let own = |users: &Value| each(users).all(|user| *user == item["owner"]);
            let people = ["copies", "tracked", "required"].into_iter().all(|key| own(&item[key]));
            let organized = item["organizer"] == item["owner"] || !CALENDAR.contains(&kind);
            let alone = people && organized && each(&item["optional"]).count() == 0 && item["assigned"] != true;
            need(alone || self.has("roles"), "roles");
        }
        missing.into_iter().next()
    }

    fn unclaimed_of_step(&self, step: &Value) -> Option<String> {
        let op = step["op"].as_str().unwrap_or_default();
        let mailbox = step["mailbox"].as_str();
        let side = if mailbox.is_some() { "in-outlook" } else { "in-crm" };
        let in_outlook = mailbox.is_some() && op != "server-synchronize";
        let in_browser = step["computer"].is_null();
        let operation = match op {
            "delete" if step["how"] == "soft" => "soft-delete-in-outlook".to_owned(),
            "delete" if step["how"] == "move" => "move-away-in-outlook".to_owned(),
            "delete" if !step["occurrence"].is_null() => format!("delete-occurrence-{side}"),
            "create" | "edit" | "delete" | "complete" => format!("{op}-{side}"),
            "track" if !step["record"].is_null() => "track-as".to_owned(),
            "restart" => "crash".to_owned(),
            _ => op.to_owned(),
        };
        let items: Vec<&str> =
            each(&step["items"]).chain(std::iter::once(&step["item"])).filter_map(Value::as_str).collect();
        let mut missing = Vec::new();
        let mut need = |has: bool, what: &str| {
            if !has {
                missing.push(what.to_owned());
            }
        };
        if items.is_empty() {
            need(self.claims(&operation), &operation);
        }
        let owned = |user: &str| items.iter().all(|item| self.item(item)["owner"] == user);
        for item in &items {
            let kind = self.kind(item);
            let own = &self.claimed["kinds"][kind]["operations"];
            need(holds(own, &operation), &operation);
            let answered = op == "untrack" && !in_browser;
            need(!answered || holds(own, "untrack-answer"), "untrack-answer");
            let change = &step["change"];
            need(change["title"].is_null() || self.sees(kind, "title"), "the field title");
            need(change["dates"].is_null() || self.sees(kind, "when"), "the field when");
        }
        let to = step["to"].as_str().unwrap_or_default();
        match op {
            "set-regarding" | "set-parent" => need(self.knows(&json!(self.kind(to))), "the kind of the record"),
            "assign" | "change-organizer" => need(owned(to) || self.has("roles"), "roles"),
            _ => {}
        }
        need(step["record"].is_null() || self.knows(&step["record"]), "the kind of the record");
        need(items.len() < 2 || self.claims("several"), "several");
        if in_outlook {
            need(mailbox == step["by"].as_str() || self.claims("delegate"), "delegate");
            need(!in_browser || self.claims("web"), "web");
            need(mailbox.is_some_and(owned) || self.has("roles"), "roles");
        } else if op == "create" {
            need(step["by"].as_str().is_some_and(owned) || self.has("roles"), "roles");
        }
        if !step["crash"].is_null() {
            let elsewhere = |item: &&Value| !CRM_ONLY.contains(&item["kind"].as_str().unwrap_or_default());
            let several = each(&self.world["items"]).filter(elsewhere).count() > 1;
            need(self.claims("crash"), "crash");
            need(self.claims("crash-stage"), "crash-stage");
            need(!several || self.claims("crash-item"), "crash-item");
        }
        missing.into_iter().next()
    }
}

/// What has an organizer.
const CALENDAR: [&str; 4] = ["appointment", "meeting-request", "recurring-appointment", "service-activity"];

/// Takes a capability out of all that are claimed.
fn without(capabilities: &mut Value, claim: &str) {
    let (what, name) = claim.split_once(':').unwrap_or((claim, ""));
    let lose = |list: &mut Value, name: &str| {
        if let Some(list) = list.as_array_mut() {
            list.retain(|word| *word != name);
        }
    };
    let kinds = capabilities["kinds"].as_object_mut();
    match what {
        "kind" => drop(kinds.and_then(|kinds| kinds.remove(name))),
        "only" => kinds.into_iter().for_each(|kinds| kinds.retain(|kind, _| kind == name)),
        "field" => {
            kinds.into_iter().flat_map(|kinds| kinds.values_mut()).for_each(|row| lose(&mut row["fields"], name));
        }
        "operation" => {
            kinds.into_iter().flat_map(|kinds| kinds.values_mut()).for_each(|row| lose(&mut row["operations"], name));
            lose(&mut capabilities["operations"], name);
            // A clock that nothing moves is none.
            if name == "wait" {
                capabilities["clock"] = json!("none");
            }
        }
        "disaster" => lose(&mut capabilities["disasters"], name),
        flag => capabilities[flag] = json!(false),
    }
}

fn holds(list: &Value, word: &str) -> bool {
    each(list).any(|one| one == word)
}

fn each(list: &Value) -> std::slice::Iter<'_, Value> {
    list.as_array().map(Vec::as_slice).unwrap_or_default().iter()
}
