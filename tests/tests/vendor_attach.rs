//! Programs are reached by a name in a file or by a socket, and a recorded transcript can be told again.

use std::io::{self, BufReader};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tombstone_adapter::doctor::examine;
use tombstone_adapter::retell::{Said, retell};
use tombstone_adapter::{ChildImplementation, Launch, Transcript, serve};
use tombstone_campaign::implementations::ImplementationsFile;
use tombstone_campaign::subject::Subject;
use tombstone_model::readings::profiles::Profile;
use tombstone_model::reference::Reference;
use tombstone_model::rules::Rules;

fn adapters() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("adapters")
}

#[test]
fn the_list_of_adapters_is_read_as_it_stands() {
    let file = ImplementationsFile::read(&adapters().join("implementations.toml")).expect("it can be read");
    let names: Vec<&str> = file.names().collect();
    assert!(names.contains(&"sqlite") && names.contains(&"neverest-policy"), "{names:?}");
    for name in names {
        let Some(Subject::Program { launch, .. }) = file.subject(name) else { panic!("{name} is no program") };
        let folder = launch.folder.expect("a folder");
        assert!(folder.is_dir(), "{name}: {} is not there", folder.display());
    }
    let Some(Subject::Program { launch, .. }) = file.subject("sqlite") else { panic!("sqlite is no program") };
    let child = ChildImplementation::start(*launch).expect("it starts");
    assert_eq!(child.finish(), Ok(()));
}

#[test]
fn what_is_not_installed_is_named() {
    let text = "[implementation.a]\ncommand = [\"no-such-adapter\"]\npresent = [\"no-such-adapter\"]\n";
    let file = ImplementationsFile::parse(text, adapters()).expect("it can be read");
    assert_eq!(file.missing("a"), Some("no-such-adapter"));
}

#[cfg(unix)]
#[test]
fn a_running_program_is_reached_by_its_socket() {
    use std::os::unix::net::UnixListener;
    let socket = std::env::temp_dir().join(format!("tombstone-vendor-{}.socket", std::process::id()));
    let _ = std::fs::remove_file(&socket);
    let listener = UnixListener::bind(&socket).expect("a socket");
    let serving = std::thread::spawn(move || -> io::Result<()> {
        let (stream, _) = listener.accept()?;
        let readings = Profile::named(Profile::DEFAULT).expect("the default profile").readings();
        let mut reference = Reference::new("reference", Arc::new(Rules::documented().clone()), readings);
        serve(&mut reference, BufReader::new(stream.try_clone()?), stream)
    });
    let mut launch = Launch::attached(&socket);
    launch.limits = launch.limits.without_deadlines();
    let examination = examine(launch, &|_| Vec::new(), &mut |_| {});
    assert!(!examination.is_ill() && examination.decided(), "{examination}");
    serving.join().expect("it serves").expect("it serves to the end");
    std::fs::remove_file(&socket).expect("the socket was there");
    let nobody = examine(Launch::attached(&socket), &|_| Vec::new(), &mut |_| {});
    assert!(!nobody.started && nobody.to_string().contains("start the adapter first"), "{nobody}");
}

fn sqlite() -> Launch {
    Launch::new("python3", [adapters().join("sqlite/adapter.py")])
}

#[test]
fn a_transcript_is_told_again_without_a_judge() {
    let (reader, writer) = io::pipe().expect("a pipe");
    let reading = std::thread::spawn(move || io::read_to_string(reader));
    let mut recorded = sqlite();
    recorded.transcript = Transcript::to(writer);
    let examination = examine(recorded, &|_| Vec::new(), &mut |_| {});
    assert!(!examination.is_ill(), "{examination}");
    let text = reading.join().expect("it reads").expect("it was written");
    let (mut asked, mut same, mut other) = (0, 0, 0);
    let mut hear = |said| match said {
        Said::To(_) => asked += 1,
        Said::From(_, Some(true)) => same += 1,
        Said::From(_, _) => other += 1,
        Said::Note(_) => {}
    };
    retell(&text, &sqlite(), &mut hear).expect("it can be told again");
    assert_eq!(other, 0);
    assert!(asked > 50 && asked == same, "{asked} asked, {same} as recorded");
    let error = retell("{\"note\":\"started\"}\n{\"to\":{}}\n", &sqlite(), &mut |_| {}).unwrap_err();
    assert!(error.starts_with("line 2 is no line of a transcript"), "{error}");
}
