//! The sources of the crates, as cargo packs them.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::{
    native::{SHIPPED, cargo},
    shell::{Result, root, run, target},
};

/// Where cargo reads the settings of a build in a folder.
const SETTINGS: &str = ".cargo/config.toml";

/// Lays the sources of the packages' library out in `folder`, each crate's as cargo would upload them, with a lock file.
pub(crate) fn sources_of_the_crate(folder: &Path) -> Result<()> {
    let in_folder = |error: std::io::Error| format!("{}: {error}", folder.display());
    let _ = fs::remove_dir_all(folder);
    for (name, place) in SHIPPED.iter().zip(["", "cli", "native"]) {
        let list = run(
            &format!("list the files of {name}"),
            cargo().args(["package", "--list", "--allow-dirty", "--package", name]),
        )?;
        for file in list.lines() {
            let (from, to) = (root().join(place).join(file), folder.join(place).join(file));
            // Some of the list cargo would write only then.
            if from.is_file() {
                fs::create_dir_all(to.parent().unwrap_or(folder))
                    .and_then(|()| fs::copy(from, to))
                    .map_err(in_folder)?;
            }
        }
    }
    let manifest = fs::read_to_string(root().join("Cargo.toml")).map_err(in_folder)?;
    let members = manifest.lines().find(|line| line.starts_with("members = ")).ok_or("Cargo.toml names no members")?;
    let manifest = without_tests(&manifest.replacen(members, r#"members = ["cli", "native"]"#, 1));
    fs::write(folder.join("Cargo.toml"), manifest).map_err(in_folder)?;
    fs::copy(root().join("Cargo.lock"), folder.join("Cargo.lock")).map_err(in_folder)?;
    // The settings of the build, without the short-hand for this runner.
    let settings = fs::read_to_string(root().join(SETTINGS)).map_err(in_folder)?;
    let settings = settings.find("[env]").map(|at| &settings[at..]).ok_or("cargo's settings have no [env]")?;
    fs::create_dir_all(folder.join(".cargo"))
        .and_then(|()| fs::write(folder.join(SETTINGS), settings))
        .map_err(in_folder)?;
    // Less what the project's own tools need.
    run("lock the packed sources", cargo().current_dir(folder).args(["update", "--workspace"])).map(drop)
}

/// A manifest without its tables of tests and examples: their files are not among the packed sources, and some versions of cargo refuse
/// a manifest that names a file which is missing.
fn without_tests(manifest: &str) -> String {
    let mut is_left_out = false;
    let lines = manifest.lines().filter(|line| {
        if line.starts_with('[') {
            is_left_out = ["[[test]]", "[[example]]"].contains(line);
        }
        !is_left_out
    });
    lines.map(|line| format!("{line}\n")).collect()
}

/// Has cargo pack the crates; gives the library's file.
pub(crate) fn pack_crate() -> Result<PathBuf> {
    let mut command = cargo();
    // The program is packed along: it is uploaded with the library.
    let both = ["wildfirechat-message", "wildfirechat-message-cli"].into_iter().flat_map(|name| ["--package", name]);
    command.arg("package").args(both).args(["--no-verify", "--allow-dirty"]);
    run("pack the crates", &mut command)?;
    Ok(target().join("package").join(format!("wildfirechat-message-{}.crate", env!("CARGO_PKG_VERSION"))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_packed_manifest_names_no_test_and_no_example_and_is_the_same_otherwise() {
        let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
        let read = |text: &str| text.parse::<toml::Table>().unwrap();
        let mut wanted = read(&manifest);
        for table in ["test", "example"] {
            assert!(wanted.remove(table).is_some(), "the manifest names no {table}, and this test shows nothing");
        }
        assert_eq!(read(&without_tests(&manifest)), wanted);
    }
}
