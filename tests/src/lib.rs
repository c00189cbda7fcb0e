//! What the black-box tests of the workspace share.

pub mod faulty;
pub mod played;

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// Runs the command line in a folder, with neither colour nor input, and waits for its end.
///
/// # Panics
/// Where the program cannot be started.
pub fn run(program: &str, folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(folder).stdin(Stdio::null());
    command.env("NO_COLOR", "1").env("COLUMNS", "100").env_remove("RUST_BACKTRACE");
    command.output().expect("the program can be started")
}

/// `faulty/adapter.py` for a folder of its own. There it declares nothing, so that nothing could be asked of it; here it
/// knows contacts.
///
/// # Panics
/// Where it cannot be read, or declares something.
pub fn faulty_adapter_of_contacts() -> String {
    const NOTHING: &str = r#""capabilities": {}"#;
    const CONTACTS: &str = r#""capabilities": {"kinds": {"contact": {"operations": ["delete-in-outlook"],
    "fields": ["title", "tracked"]}}, "operations": ["synchronize"], "stepped": True, "users": True, "roles": True}"#;
    let adapter = Path::new(env!("CARGO_MANIFEST_DIR")).join("adapters/faulty/adapter.py");
    let faulty = std::fs::read_to_string(adapter).expect("the faulty adapter");
    assert!(faulty.contains(NOTHING), "the faulty adapter declares no capabilities of its own");
    faulty.replace(NOTHING, CONTACTS)
}

/// Says that a test is skipped, past the capture of the test's output. In CI, where nothing may be skipped, that is a
/// failure.
///
/// # Panics
/// Where the environment asks that nothing be skipped.
pub fn skip(why: &str) {
    assert!(std::env::var_os("TOMBSTONE_SKIP_NOTHING").is_none(), "skipped, where nothing may be: {why}");
    // Not `eprintln!`, which the harness of the tests would keep to itself.
    let _ = writeln!(std::io::stderr(), "skipped: {why}");
}
