//! The Swift package and the artifact bundle, as SwiftPM takes them.

use std::{fs, path::Path, process::Command};

use super::{
    Outcome,
    consumers::{self, fresh, packed, sends, write},
    trees::{CONSUMER, Tree, copy},
};
use crate::{
    shell::{Result, run},
    swift::{bundle, toolchain::Swift, trial},
};

/// By path, with this system's Swift: from the package that has the library of one processor in it.
pub(super) fn here() -> Result<Outcome> {
    let name = format!("WildfireChatMessage-{}-x86_64-unknown-linux-gnu.tar.gz", env!("CARGO_PKG_VERSION"));
    let archive = packed("swift").join(name);
    let (true, Some(swift)) = (archive.exists(), Swift::installed()) else {
        return Ok(Outcome::NotRun("Swift is missing, or the package: cargo xtask package swift".to_owned()));
    };
    trial::in_a_fresh_project(&swift, &archive).map(Outcome::Ran)
}

const MANIFEST: &str = r#"// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "trial",
    dependencies: [.package(url: "file:///consumer/wildfirechat-message-swift", from: "VERSION")],
    targets: [
        .executableTarget(
            name: "trial",
            dependencies: [.product(name: "WildfireChatMessage", package: "wildfirechat-message-swift")])
    ]
)
"#;

/// By version, from a repository whose native library is the bundle. A package that is taken so may not set flags that
/// SwiftPM calls unsafe.
pub(super) fn in_sid() -> Result<Outcome> {
    let file = packed("swift").join("WildfireChatMessageFFI.artifactbundle.zip");
    if !file.exists() {
        return Ok(Outcome::NotRun("it was not packed: cargo xtask package swift".to_owned()));
    }
    let folder = fresh("sid-swift")?;
    let repository = folder.join("wildfirechat-message-swift");
    copy(&packed("swift").join("repository"), &repository).map_err(|error| error.to_string())?;
    copy(&file, &repository).map_err(|error| error.to_string())?;
    // The address of a release that is not out yet leads nowhere; the file is the same.
    let manifest = repository.join("Package.swift");
    let text = fs::read_to_string(&manifest).map_err(|error| error.to_string())?;
    write(&manifest, &bundle::from_url_to_path(&text, &file)?)?;
    tagged(&repository)?;
    write(&folder.join("project/Package.swift"), &MANIFEST.replace("VERSION", env!("CARGO_PKG_VERSION")))?;
    write(&folder.join("project/Sources/trial/main.swift"), trial::PROGRAM)?;
    let tree = Tree::of(&consumers::SID_SWIFT)?;
    tree.bring(&folder)?;
    // The repository belongs to somebody else there.
    let words = format!(
        "git config --global --replace-all safe.directory '*' && cd {CONSUMER}/project && \
         swift build --disable-sandbox 2>&1 && .build/debug/trial"
    );
    sends("build and send with the Swift of sid", &mut tree.command("sh", &["-c", &words])).map(Outcome::Ran)
}

fn tagged(repository: &Path) -> Result<()> {
    let git = |words: &[&str]| {
        let mut command = Command::new("git");
        command.current_dir(repository).args(["-c", "user.name=Nobody", "-c", "user.email=nobody@example.invalid"]);
        run("tag the Swift repository", command.args(words)).map(drop)
    };
    git(&["init", "--quiet"])?;
    git(&["add", "--all"])?;
    git(&["commit", "--quiet", "--message", "A release"])?;
    git(&["tag", env!("CARGO_PKG_VERSION")])
}
