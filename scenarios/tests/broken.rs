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

/// However much is wrong in a file, what is printed of it can be read: it is bounded in number, and in bytes.
#[test]
fn what_is_printed_is_bounded_however_much_is_wrong() {
    let world =
        "title = \"Too much\"\n[users.anna]\n[computers.desktop]\nuser = \"anna\"\n[items.carla]\nkind = \"contact\"\n";
    let step = |name: &str| format!("[[step]]\ndelete = {{ item = \"{name}\", in = \"outlook\", at = \"desktop\" }}\n");
    let long = "x".repeat(1 << 20);
    let many = step("nobody").repeat(100_000);
    let both = step(&long).repeat(60);
    let keys = format!("[[step]]\n{long} = 1\n");
    let open = format!("[[step]]\ndelete = \"{long}");
    let deep = format!("[[step]]\ndelete = {}", "[".repeat(100_000));
    for (name, steps, least) in [
        ("many", many, 100_000),
        ("long names", both, 60),
        ("long key", keys, 1),
        ("open text", open, 1),
        ("deep", deep, 1),
    ] {
        let errors = Scenario::parse("much.toml", &format!("{world}{steps}")).expect_err(name);
        let shown = errors.render(false);
        let headings = shown.lines().filter(|line| line.starts_with("error")).count();
        assert!(errors.list.len() >= least, "{name}: {} errors", errors.list.len());
        assert_eq!(headings, errors.list.len().min(50), "{name}");
        assert!(shown.len() < 1 << 20, "{name}: {} bytes", shown.len());
        assert_eq!(shown.contains("xxx…"), name.starts_with("long"), "{name}: {}", &shown[..400.min(shown.len())]);
        let more = errors.list.len() - headings;
        assert_eq!(shown.contains(&format!("… and {more} more errors in much.toml")), more > 0, "{name}");
    }
}
