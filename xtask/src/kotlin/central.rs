//! The rules of Maven Central for uploaded files: they are checked here, before an upload.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use roxmltree::{Document, Node};

use crate::{
    package::archive,
    shell::{Result, run},
};

/// The variable with the name of the gpg key that signs a release; without it, a temporary key signs.
const KEY: &str = "WILDFIRECHAT_SIGNING_KEY";

/// The first part of the names of a version's files.
pub(crate) fn name() -> String {
    format!("wildfirechat-message-{}", env!("CARGO_PKG_VERSION"))
}

/// The jar in `repository` that is the program with everything it needs.
pub(crate) fn program(repository: &Path) -> PathBuf {
    artifacts(repository).join(format!("{}-program.jar", name()))
}

/// The folder of the version in a Maven repository.
pub(crate) fn artifacts(repository: &Path) -> PathBuf {
    repository.join("chat/wildfire/wildfirechat-message").join(env!("CARGO_PKG_VERSION"))
}

/// Signs the files in `repository`, checks Central's rules, and packs them into the one file that Central accepts.
pub(crate) fn bundle(repository: &Path) -> Result<PathBuf> {
    let folder = artifacts(repository);
    let released = released();
    let key = Key::of_the_environment_or_thrown_away()?;
    for name in &released {
        key.sign(&folder.join(name))?;
    }
    for name in &released {
        has_checksums(&folder.join(name))?;
        key.verify(&folder.join(name))?;
    }
    let pom = folder.join(format!("{}.pom", name()));
    let text = fs::read_to_string(&pom).map_err(|error| format!("{}: {error}", pom.display()))?;
    let lacks = lacking(&text, env!("CARGO_PKG_VERSION"))?;
    if !lacks.is_empty() {
        return Err(format!("Maven Central would refuse the pom: {}", lacks.join(", ")));
    }
    let bundle = repository.with_file_name("maven-central-bundle.zip");
    // The folder of the version alone: above it Maven writes lists of versions, which are Central's own business.
    let version = folder.strip_prefix(repository).unwrap_or(&folder).to_string_lossy().into_owned();
    archive::zip(&bundle, repository, &version)?;
    if key.is_thrown_away() {
        println!("  signed by a key that was thrown away: {KEY} names a real one");
    }
    Ok(bundle)
}

/// The files of a version; each must have a signature and checksums.
fn released() -> Vec<String> {
    [".pom", ".jar", "-sources.jar", "-javadoc.jar", "-program.jar"]
        .iter()
        .map(|end| format!("{}{end}", name()))
        .collect()
}

/// The elements that a pom lacks by Central's rules: <https://central.sonatype.org/publish/requirements/>
fn lacking(pom: &str, version: &str) -> Result<Vec<String>> {
    let document = Document::parse(pom).map_err(|error| format!("the pom: {error}"))?;
    let project = document.root_element();
    let mut lacks: Vec<String> = Vec::new();
    for path in [
        "groupId",
        "artifactId",
        "name",
        "description",
        "url",
        "licenses/license/name",
        "licenses/license/url",
        "developers/developer/name",
        "scm/connection",
        "scm/url",
    ] {
        if values(project, path).iter().all(String::is_empty) {
            lacks.push(format!("it has no {path}"));
        }
    }
    for licence in descendants(project, "licenses/license") {
        if values(licence, "url").is_empty() {
            lacks.push("it has a licence without a url".to_owned());
        }
    }
    if values(project, "version") != [version] {
        lacks.push(format!("its version is not {version}"));
    }
    if version.ends_with("-SNAPSHOT") {
        lacks.push("its version is a snapshot".to_owned());
    }
    for dependency in descendants(project, "dependencies/dependency") {
        let text = |name: &str| values(dependency, name).concat();
        if text("version").is_empty() {
            lacks.push(format!("its dependency {} has no version", text("artifactId")));
        }
    }
    // Users of the library cannot resolve a dependency that is not on Central itself.
    if !descendants(project, "repositories/repository").is_empty() {
        lacks.push("it names repositories".to_owned());
    }
    Ok(lacks)
}

/// The version of a pom's own project.
pub(crate) fn version_of(pom: &str) -> Option<String> {
    let document = Document::parse(pom).ok()?;
    values(document.root_element(), "version").into_iter().next()
}

fn values(node: Node<'_, '_>, path: &str) -> Vec<String> {
    let texts = descendants(node, path).into_iter().map(|node| node.text().unwrap_or_default().trim().to_owned());
    texts.collect()
}

/// The elements at a path such as `scm/url`.
fn descendants<'a, 'b>(node: Node<'a, 'b>, path: &str) -> Vec<Node<'a, 'b>> {
    path.split('/').fold(vec![node], |nodes, name| {
        nodes.iter().flat_map(|node| node.children().filter(|child| child.has_tag_name_of(name))).collect()
    })
}

/// Elements by their plain name, in any namespace.
trait PlainName {
    fn has_tag_name_of(&self, name: &str) -> bool;
}

impl PlainName for Node<'_, '_> {
    fn has_tag_name_of(&self, name: &str) -> bool {
        self.is_element() && self.tag_name().name() == name
    }
}

/// Checks the checksums that Maven wrote beside the file.
fn has_checksums(file: &Path) -> Result<()> {
    for (end, algorithm) in [("md5", "md5"), ("sha1", "sha1")] {
        let mut beside = file.as_os_str().to_owned();
        beside.push(format!(".{end}"));
        let said = fs::read_to_string(&beside).map_err(|error| format!("{}: {error}", Path::new(&beside).display()))?;
        let program =
            format!("import hashlib, sys; print(hashlib.{algorithm}(open(sys.argv[1], 'rb').read()).hexdigest())");
        let mut command = Command::new("python3");
        let is = run("look at a checksum", command.args(["-c", &program]).arg(file))?;
        if is.trim() != said.trim() {
            return Err(format!("{} is wrong", Path::new(&beside).display()));
        }
    }
    Ok(())
}

/// The key that signs, and the folder in which gpg keeps it.
struct Key {
    name: String,
    /// The folder of a temporary key.
    home: Option<PathBuf>,
}

impl Key {
    fn of_the_environment_or_thrown_away() -> Result<Self> {
        match std::env::var(KEY) {
            Ok(name) if !name.is_empty() => Ok(Self { name, home: None }),
            _ => Self::thrown_away(),
        }
    }

    fn thrown_away() -> Result<Self> {
        // gpg's agent needs a short path to a folder that no other user can read.
        let home = std::env::temp_dir().join(format!("wildfirechat-key-{}", std::process::id()));
        let _ = fs::remove_dir_all(&home);
        fs::create_dir_all(&home).map_err(|error| format!("{}: {error}", home.display()))?;
        run("close the key's folder", Command::new("chmod").arg("700").arg(&home))?;
        let key = Self { name: "Nobody <nobody@example.invalid>".to_owned(), home: Some(home) };
        let mut command = key.gpg();
        command.args(["--passphrase", "", "--quick-generate-key", &key.name, "ed25519", "sign", "1d"]);
        run("make a key to throw away", &mut command)?;
        Ok(key)
    }

    fn is_thrown_away(&self) -> bool {
        self.home.is_some()
    }

    fn gpg(&self) -> Command {
        let mut command = Command::new("gpg");
        if let Some(home) = &self.home {
            command.arg("--homedir").arg(home);
        }
        command.args(["--batch", "--yes", "--quiet"]);
        command
    }

    fn sign(&self, file: &Path) -> Result<()> {
        let mut command = self.gpg();
        command.args(["--local-user", &self.name, "--armor", "--detach-sign"]).arg(file);
        run("sign the jar", &mut command).map(drop)
    }

    fn verify(&self, file: &Path) -> Result<()> {
        let mut signature = file.as_os_str().to_owned();
        signature.push(".asc");
        run("look at the signature", self.gpg().arg("--verify").arg(&signature).arg(file)).map(drop)
    }
}

impl Drop for Key {
    fn drop(&mut self) {
        if let Some(home) = &self.home {
            // The agent still uses the folder.
            let _ = Command::new("gpgconf").arg("--homedir").arg(home).args(["--kill", "gpg-agent"]).status();
            let _ = fs::remove_dir_all(home);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pom() -> String {
        fs::read_to_string(crate::shell::root().join("bindings/kotlin/pom.xml")).unwrap()
    }

    #[test]
    fn our_pom_lacks_nothing() {
        assert_eq!(lacking(&pom(), env!("CARGO_PKG_VERSION")).unwrap(), Vec::<String>::new());
    }

    #[test]
    fn what_central_would_refuse_is_named() {
        let cases = [
            ("<description>", "<remark>", "</description>", "</remark>", "it has no description"),
            ("<scm>", "<cvs>", "</scm>", "</cvs>", "it has no scm/connection"),
            ("<developers>", "<people>", "</developers>", "</people>", "it has no developers/developer/name"),
            ("<version>0", "<version>1", "</project>", "</project>", "its version is not "),
        ];
        for (from, to, end, new_end, words) in cases {
            let lacks = lacking(&pom().replace(from, to).replace(end, new_end), env!("CARGO_PKG_VERSION")).unwrap();
            assert!(lacks.iter().any(|lack| lack.starts_with(words)), "{words}: {lacks:?}");
        }
        let without = pom().replace("<version>${jna.version}</version>", "");
        let lacks = lacking(&without, env!("CARGO_PKG_VERSION")).unwrap();
        assert!(lacks.contains(&"its dependency jna has no version".to_owned()), "{lacks:?}");
    }
}
