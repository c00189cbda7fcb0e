//! An adapter in Rust: serves an in-process implementation, here the reference, over standard input and output.
//!
//! ```text
//! cargo build --example adapter
//! tombstone check -- target/debug/examples/adapter [PROFILE]
//! ```

use std::io;
use std::process::ExitCode;
use std::sync::Arc;

use tombstone_adapter::serve;
use tombstone_model::readings::profiles::Profile;
use tombstone_model::reference::Reference;
use tombstone_model::rules::Rules;

fn main() -> io::Result<ExitCode> {
    let name = std::env::args().nth(1).unwrap_or_else(|| Profile::DEFAULT.to_owned());
    let Some(profile) = Profile::named(&name) else {
        let known: Vec<_> = Profile::all().iter().map(|profile| profile.name.as_str()).collect();
        return Err(io::Error::other(format!("unknown profile `{name}`; known are {}", known.join(", "))));
    };
    let mut reference = Reference::new("reference", Arc::new(Rules::documented().clone()), profile.readings());
    serve(&mut reference, io::stdin().lock(), io::stdout().lock())?;
    Ok(ExitCode::SUCCESS)
}
