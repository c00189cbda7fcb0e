//! A transcript: every message between the harness and an adapter, in order, one JSON object a line.
//!
//! `{"to":…}` and `{"from":…}` hold a message, `{"garbage":…}` a line that was none, `{"log":…}` a line of the adapter's
//! standard error, `{"note":…}` what the harness did to the process. It holds no times: two runs are alike.

use std::fmt;
use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};
use tombstone_model::harmless::harmless_json;

/// Where messages are written down; nowhere, by default. Copies write to the same place.
#[derive(Clone, Default)]
pub struct Transcript(Option<Arc<Mutex<dyn Write + Send>>>);

impl fmt::Debug for Transcript {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Transcript(on)" } else { "Transcript(off)" })
    }
}

impl Transcript {
    /// A transcript that is written to the given place. A write that fails ends nothing; the transcript is then short.
    pub fn to(place: impl Write + Send + 'static) -> Self {
        Self(Some(Arc::new(Mutex::new(place))))
    }

    pub(super) fn sent(&self, message: &str) {
        self.write(|| format!("{{\"to\":{message}}}"));
    }

    pub(super) fn received(&self, message: &Value) {
        self.write(|| json!({ "from": message }).to_string());
    }

    pub(super) fn garbage(&self, line: &[u8]) {
        self.write(|| json!({ "garbage": String::from_utf8_lossy(line) }).to_string());
    }

    pub(super) fn log(&self, line: &str) {
        self.write(|| json!({ "log": line }).to_string());
    }

    pub(super) fn note(&self, text: impl FnOnce() -> String) {
        self.write(|| json!({ "note": text() }).to_string());
    }

    fn write(&self, line: impl FnOnce() -> String) {
        if let Some(place) = &self.0 {
            let mut place = place.lock().unwrap_or_else(PoisonError::into_inner);
            let _ = writeln!(place, "{}", harmless_json(&line()));
            let _ = place.flush();
        }
    }
}
