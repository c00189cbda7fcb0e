//! Embeds the suite: every `suite/<area>/<behaviour>.toml`, in sorted order.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let suite = root.join("suite");
    println!("cargo::rerun-if-changed={}", suite.display());
    let mut files = Vec::new();
    collect(&suite, &mut files)?;
    let mut names: Vec<String> =
        files.iter().filter_map(|file| Some(file.strip_prefix(&root).ok()?.to_str()?.replace('\\', "/"))).collect();
    names.sort();
    let mut list = String::from("&[\n");
    for name in &names {
        let from = root.join(name);
        let _ =
            writeln!(list, "    ({:?}, include_str!({:?})),", format!("scenarios/{name}"), from.display().to_string());
    }
    list.push_str("]\n");
    fs::write(PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default()).join("suite.rs"), list)
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    println!("cargo::rerun-if-changed={}", folder.display());
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "toml") {
            files.push(path);
        }
    }
    Ok(())
}
