//! Tries the packed Swift package as users do: in a project of its own.

use std::{fs, path::Path, process::Command};

use super::{
    assemble::{self, NAME},
    toolchain::Swift,
};
use crate::shell::{Result, run, target};

const MANIFEST: &str = r#"// swift-tools-version: 6.0
import PackageDescription

let package = Package(
    name: "trial",
    dependencies: [.package(path: "../WildfireChatMessage")],
    targets: [
        .executableTarget(
            name: "trial", dependencies: [.product(name: "WildfireChatMessage", package: "WildfireChatMessage")])
    ]
)
"#;

pub(crate) const PROGRAM: &str = r#"import WildfireChatMessage

let sandbox = try Sandbox()
let client = try MessageClient(baseUrl: sandbox.baseUrl, secret: "123456")
let sent = try client.sendMessage(sender: "admin", conversation: .group("g1"), content: .text("Hello."))
guard case .text(let content) = try client.getMessage(messageUid: sent.messageUid).decodeContent() else {
    fatalError("it came back as something else")
}
print("sent: \(content.text)")
"#;

/// Unpacks `archive` beside a new project that depends on it, builds the project and runs it. Returns its output.
pub(crate) fn in_a_fresh_project(swift: &Swift, archive: &Path) -> Result<String> {
    let folder = target().join("swift/trial");
    assemble::remove(&folder.join(NAME))?;
    let project = folder.join("project");
    write(&project.join("Package.swift"), MANIFEST)?;
    write(&project.join("Sources/trial/main.swift"), PROGRAM)?;
    run("unpack the Swift package", Command::new("tar").arg("-xzf").arg(archive).arg("-C").arg(&folder))?;
    // SwiftPM would not link the program of an earlier trial again.
    assemble::remove(&project.join(".build/debug/trial"))?;
    run("build a fresh Swift project", swift.command("build").current_dir(&project))?;
    let output = run("run the fresh Swift project", &mut swift.run(&project.join(".build/debug/trial")))?;
    Ok(output.trim().to_owned())
}

fn write(path: &Path, text: &str) -> Result<()> {
    let written = path.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(path, text));
    written.map_err(|error| format!("{}: {error}", path.display()))
}
