//! What a long page carries packed: compressed, as text that a script unpacks when it is asked for.

use maud::{Markup, PreEscaped, html};
use tombstone_model::harmless::{harmless, harmless_json};

/// How hard to compress: more takes longer than it saves.
const LEVEL: u8 = 6;

/// A value under a name, for the script.
pub(super) fn value(name: &str, value: &serde_json::Value) -> Markup {
    let packed = packed(&harmless_json(&value.to_string()));
    html! { script type="text/plain" data-pack=(name) { (PreEscaped(packed)) } }
}

/// Pieces of the page under a name, so many to a pack; the first of them has the number `from`.
pub(super) fn pieces(name: &str, from: usize, to_a_pack: usize, pieces: &[Markup]) -> Markup {
    html! {
        @for (nth, some) in pieces.chunks(to_a_pack.max(1)).enumerate() {
            @let texts: Vec<_> = some.iter().map(|piece| harmless(&piece.0)).collect();
            @let json = serde_json::Value::from(texts.iter().map(AsRef::as_ref).collect::<Vec<&str>>()).to_string();
            script type="text/plain" data-pack=(name) data-from=(from + nth * to_a_pack) { (PreEscaped(packed(&json))) }
        }
    }
}

/// Compressed as RFC 1950 has it, and as text as RFC 4648 has it, without padding.
fn packed(text: &str) -> String {
    base64(&miniz_oxide::deflate::compress_to_vec_zlib(text.as_bytes(), LEVEL))
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for three in bytes.chunks(3) {
        let bits = three.iter().fold(0u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - three.len()));
        for digit in 0..=three.len() {
            text.push(char::from(DIGITS[(bits >> (18 - 6 * digit) & 63) as usize]));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_as_text() {
        let pairs = [("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"), ("fooba", "Zm9vYmE")];
        for (bytes, text) in pairs {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
    }
}
