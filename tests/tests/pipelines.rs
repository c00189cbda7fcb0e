//! What other people's pipelines are given: the workflows of the page are valid and their commands do what the page says, and
//! what is released holds what it should.
#![cfg(target_os = "linux")]

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;
use tombstone_tests::run;
use yaml_rust2::{Yaml, YamlLoader};

/// The command line under test.
const PROGRAM: &str = env!("CARGO_BIN_EXE_tombstone-under-test");

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The workflows of the page, by the service that they are for.
fn workflow(service: &str) -> Yaml {
    let page = fs::read_to_string(root().join("reports/PIPELINES.md")).expect("the page");
    let mark = format!("<!-- workflow {service} -->\n");
    let (_, rest) = page.split_once(&mark).unwrap_or_else(|| panic!("no workflow for {service}"));
    let (text, _) = rest.split_once("<!-- end -->").expect("its end");
    let text = text.trim().strip_prefix("```yaml\n").and_then(|text| text.strip_suffix("```")).expect("a fence");
    let mut documents = YamlLoader::load_from_str(text).unwrap_or_else(|error| panic!("{service}: {error}"));
    assert_eq!(documents.len(), 1, "{service}");
    documents.remove(0)
}

/// A folder as a job finds it: the sources of a product with its adapter and baseline, and the archive in `tools`.
fn checked_out() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let liar = Path::new(env!("CARGO_MANIFEST_DIR")).join("adapters/faulty/liar.py");
    fs::copy(liar, folder.path().join("liar.py")).expect("a copy");
    let adapter = "import runpy, sys\nsys.argv = ['liar.py', 'none']\nrunpy.run_path('liar.py', run_name='__main__')\n";
    fs::write(folder.path().join("adapter.py"), adapter).expect("an adapter");
    fs::write(folder.path().join("known.toml"), "").expect("a baseline");
    fs::create_dir(folder.path().join("temporary")).expect("a folder");
    let released = release(&folder.path().join("tools"));
    assert!(released.exists(), "{}", released.display());
    folder
}

/// What `.ci/release` makes of the program under test, which a script stands for: it is large before it is released.
fn release(into: &Path) -> PathBuf {
    let folder = tempfile::tempdir().expect("a folder");
    let binary = folder.path().join("tombstone");
    fs::write(&binary, format!("#!/bin/sh\nexec '{PROGRAM}' \"$@\"\n")).expect("a script");
    fs::set_permissions(&binary, fs::Permissions::from_mode(0o755)).expect("it can be made executable");
    let mut command = Command::new(root().join(".ci/release"));
    command.arg(into).env("BINARY", binary).env("SOURCE_DATE_EPOCH", "1000000000");
    let output = command.output().expect("it can be started");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    PathBuf::from(String::from_utf8_lossy(&output.stdout).lines().last().unwrap_or_default())
}

/// Runs the lines of a job in its folder, in one shell, as services do: it ends at the first that fails.
fn job(folder: &Path, lines: &[String]) -> Output {
    let mut shell = Command::new("bash");
    shell.args(["-e", "-o", "pipefail", "-c"]).arg(lines.join("\n")).current_dir(folder).env("NO_COLOR", "1");
    shell.env("RUNNER_TEMP", folder.join("temporary")).env("GITHUB_PATH", folder.join("temporary/path"));
    shell.env("GITHUB_STEP_SUMMARY", folder.join("temporary/summary.md"));
    shell.output().expect("a shell")
}

/// The texts of a list, or of one text.
fn texts(yaml: &Yaml) -> Vec<String> {
    let list = yaml.as_vec().map(|all| all.iter().filter_map(Yaml::as_str).map(str::to_owned).collect());
    list.unwrap_or_else(|| yaml.as_str().map(str::to_owned).into_iter().collect())
}

/// In a check that is to be short: the same without the time for plans.
fn shorter(line: &str) -> String {
    line.replace("--budget 60", "--plans 5 --kill 0 --scenario 'tracking/*contact*'")
}

#[test]
fn what_a_job_at_github_does_is_what_its_file_says() {
    let folder = checked_out();
    let file = workflow("github");
    let steps = file["jobs"]["conformance"]["steps"].as_vec().expect("steps");
    let mut left = Vec::new();
    let mut path = String::new();
    for step in steps {
        // What is reported is in the folder of the report by then.
        for named in [&step["with"]["sarif_file"], &step["with"]["path"]].into_iter().filter_map(Yaml::as_str) {
            left.push(folder.path().join(named));
        }
        let Some(lines) = step["run"].as_str() else { continue };
        let lines = [path.clone(), shorter(lines)];
        let output = job(folder.path(), &lines);
        let said = String::from_utf8_lossy(&output.stdout);
        let expected = if lines[1].starts_with("tombstone check") { 1 } else { 0 };
        assert_eq!(output.status.code(), Some(expected), "{lines:?}: {}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(said.contains("\n::error ") || said.starts_with("::error "), lines[1].contains("github"), "{said}");
        let added = fs::read_to_string(folder.path().join("temporary/path")).unwrap_or_default();
        path = format!("export PATH=\"{}:$PATH\"", added.trim());
    }
    assert!(left.len() == 2 && left.iter().all(|file| file.exists()), "{left:?}");
    let summary = fs::read_to_string(folder.path().join("temporary/summary.md")).expect("a summary");
    assert!(summary.contains("| liar none | ✗ **diverges**"), "{summary}");
}

#[test]
fn what_a_job_at_gitlab_does_is_what_its_file_says() {
    let folder = checked_out();
    let file = workflow("gitlab");
    let own = &file["conformance"];
    let lines = [texts(&own["before_script"]), texts(&own["script"])].concat();
    let lines: Vec<String> = lines.iter().map(|line| shorter(line)).collect();
    let output = job(folder.path(), &lines);
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    let kept = texts(&own["artifacts"]["paths"]).into_iter().chain(texts(&own["artifacts"]["reports"]["junit"]));
    let kept: Vec<String> = kept.collect();
    assert!(kept.len() == 2 && kept.iter().all(|file| folder.path().join(file).exists()), "{kept:?}");
}

/// The archive holds the program and what goes with it, and is the same every time.
#[test]
fn what_is_released_is_whole_and_the_same_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let [one, two] = ["one", "two"].map(|name| release(&folder.path().join(name)));
    let sum = |archive: &Path| fs::read_to_string(archive.with_extension("gz.sha256")).expect("a checksum");
    assert_eq!(sum(&one), sum(&two));
    let output = Command::new("tar").arg("-tzf").arg(&one).output().expect("tar");
    let listed = String::from_utf8_lossy(&output.stdout).into_owned();
    let names: BTreeSet<&str> = listed.lines().filter_map(|line| line.split_once('/')).map(|(_, name)| name).collect();
    let mut expected =
        vec!["tombstone", "README.md", "LICENSE-MIT", "LICENSE-APACHE", "PIPELINES.md", "man1/tombstone.1"];
    expected.extend(["completions/tombstone.bash", "completions/tombstone.zsh", "schemas/report.json"]);
    for name in expected {
        assert!(names.contains(name), "{name} is missing: {names:?}");
    }
}

/// A page for each command that is told, with what each option does.
#[test]
fn every_command_has_a_manual_page() {
    let folder = tempfile::tempdir().expect("a folder");
    let output = run(PROGRAM, folder.path(), &["manual", "pages/man1"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let page = |name: &str| fs::read_to_string(folder.path().join("pages/man1").join(name)).expect("a page");
    let command = tombstone_simulator::cli::command();
    let told: Vec<&clap::Command> = command.get_subcommands().filter(|it| !it.is_hide_set()).collect();
    assert!(told.len() > 12);
    for subcommand in told {
        let page = page(&format!("tombstone-{}.1", subcommand.get_name()));
        for option in subcommand.get_arguments().filter_map(clap::Arg::get_long) {
            assert!(
                page.contains(&format!("\\-\\-{}", option.replace('-', "\\-"))),
                "{}: {option}",
                subcommand.get_name()
            );
        }
    }
    assert!(page("tombstone.1").contains("tombstone\\-check(1)"));
    // Where they cannot be written, that is said.
    fs::write(folder.path().join("file"), "").expect("a file");
    let output = run(PROGRAM, folder.path(), &["manual", "file"]);
    assert_eq!(output.status.code(), Some(3));
}

/// What is copied into the image is a workspace that can be built.
#[test]
fn what_the_image_is_built_of_is_whole() {
    let text = fs::read_to_string(root().join(".ci/Containerfile")).expect("the file");
    let folder = tempfile::tempdir().expect("a folder");
    let copied = text.lines().filter_map(|line| line.strip_prefix("COPY ")).filter(|rest| !rest.starts_with("--from"));
    let mut copies = 0;
    for line in copied {
        let mut words: Vec<&str> = line.split(' ').collect();
        let target = folder.path().join(words.pop().expect("a target"));
        for source in words {
            let into = if line.ends_with('/') { target.join(source) } else { target.clone() };
            fs::create_dir_all(into.parent().expect("a folder above")).expect("a folder");
            let copied = Command::new("cp").arg("-r").arg(root().join(source)).arg(into).status().expect("cp");
            assert!(copied.success(), "{source}");
            copies += 1;
        }
    }
    assert!(copies > 5);
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["metadata", "--format-version", "1", "--locked", "--offline", "--no-deps"]).current_dir(folder.path());
    let output = cargo.output().expect("cargo can be started");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
