//! What a broken file is told: one snapshot for each file of `tests/broken`.

use std::fs;
use std::path::Path;

use tombstone_scenarios::Scenario;

#[test]
fn every_error_is_placed_and_helps() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/broken");
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "toml"));
    files.sort();
    assert!(files.len() > 10);
    for file in files {
        let name = file.file_stem().unwrap().to_str().unwrap();
        let text = fs::read_to_string(&file).unwrap();
        let errors = Scenario::parse(&format!("{name}.toml"), &text).expect_err(name);
        assert!(!errors.list.is_empty());
        insta::assert_snapshot!(name, errors.render(false));
    }
}
