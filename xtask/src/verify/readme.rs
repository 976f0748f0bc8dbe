//! README's way to the first message, walked in an empty folder with what was packed: what README says is what is run.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use super::{
    Outcome,
    consumers::{self, fresh, packed, sandbox_of, without_rust, write},
    java,
    sandbox::Started,
};
use crate::{
    kotlin,
    native::cargo,
    shell::{Result, root, run, target},
    swift::toolchain::Swift,
};

/// The server that all its programs speak to.
const SERVER: &str = "http://localhost:18080";
const HOST: &str = "x86_64-unknown-linux-gnu";

/// A language's section, an empty folder, and a server.
struct Walk {
    section: String,
    folder: PathBuf,
    server: Started,
}

impl Walk {
    /// None where nothing was packed.
    fn begin(language: &str) -> Result<Option<Self>> {
        let Some(program) = sandbox_of(HOST)? else { return Ok(None) };
        let server = Started::by(&mut without_rust(&program.to_string_lossy()))?;
        let folder = fresh(&format!("readme-{}", language.to_lowercase()))?;
        Ok(Some(Self { section: section(&readme()?, &format!("### {language}"))?, folder, server }))
    }

    /// The section's block number `index`, counted from 0, of those in `form`.
    fn block(&self, form: &str, index: usize) -> Result<String> {
        let text = blocks(&self.section, form).nth(index).ok_or_else(|| format!("README has no such {form} block"))?;
        Ok(text.replace(SERVER, &self.server.url).replace("/path/to/wildfirechat-message", &root().to_string_lossy()))
    }

    fn write(&self, file: &str, text: &str) -> Result<()> {
        write(&self.folder.join(file), text)
    }

    /// Runs what sends; its last line has a message's id and time.
    fn sends(&self, label: &str, command: &mut Command) -> Result<Outcome> {
        let output = run(label, command.current_dir(&self.folder))?;
        let output = consumers::plain(&output);
        let line = output.lines().last().unwrap_or_default();
        let is_number = |text: &str| text.parse::<i64>().is_ok();
        match line.split_once(" at ") {
            Some((id, time)) if is_number(id) && is_number(time) => Ok(Outcome::Ran(line.to_owned())),
            _ => Err(format!("{label}: it printed no message:\n{output}")),
        }
    }
}

pub(super) fn rust() -> Result<Outcome> {
    let Some(walk) = Walk::begin("Rust")? else { return not_packed() };
    let project = walk.folder.join("first-message");
    // Otherwise `cargo new` would make the project a member of this checkout's workspace.
    walk.write("Cargo.toml", "[workspace]\nexclude = [\"wildfirechat-message\"]\n")?;
    run("make a Rust project", cargo().args(["new", "--quiet", "--vcs", "none"]).arg(&project))?;
    link(root(), &walk.folder.join("wildfirechat-message"))?;
    let manifest = project.join("Cargo.toml");
    let text = fs::read_to_string(&manifest).map_err(|error| error.to_string())?;
    write(&manifest, &format!("{text}{}", walk.block("toml", 0)?))?;
    walk.write("first-message/src/main.rs", &walk.block("rust", 0)?)?;
    let mut command = cargo();
    command.args(["run", "--quiet", "--manifest-path"]).arg(&manifest);
    // What the crate's trial has built when it was packed is not built again.
    let built = target().join("package/trial/rust/target");
    walk.sends("send by README's Rust", command.env("CARGO_TARGET_DIR", built))
}

pub(super) fn python() -> Result<Outcome> {
    let Some(walk) = python_installed()? else { return not_packed() };
    walk.write("first.py", &walk.block("python", 0)?)?;
    walk.sends("send by README's Python", without_rust("venv/bin/python").arg("first.py"))
}

fn python_installed() -> Result<Option<Walk>> {
    let Some(walk) = Walk::begin("Python")? else { return Ok(None) };
    link(&target(), &walk.folder.join("target"))?;
    let mut install = without_rust("sh");
    run("install by README's words", install.current_dir(&walk.folder).args(["-ec", &walk.block("text", 0)?]))?;
    Ok(Some(walk))
}

/// The program, out of the Python package and out of the jar.
pub(super) fn program() -> Result<Outcome> {
    let Some(mut walk) = python_installed()? else { return not_packed() };
    walk.section = section(&readme()?, "## The program")?;
    let words = [walk.block("text", 0)?, walk.block("text", 1)?].concat();
    let mut shell = without_rust("sh");
    shell.current_dir(&walk.folder).args(["-ec", &words.replace("VERSION", env!("CARGO_PKG_VERSION"))]);
    // In place of the person who would type it.
    let output = run("send by README's words", shell.env("WILDFIRECHAT_SECRET", "123456"))?;
    let sent = output.lines().find(|line| line.starts_with("sent as message "));
    let sound = output.lines().filter(|line| line.starts_with("ok      secret ")).count();
    match (sent, sound) {
        (Some(sent), 2) => Ok(Outcome::Ran(format!("{sent}; doctor by Python and by Java"))),
        _ => Err(format!("it sent nothing, or a doctor is not content:\n{output}")),
    }
}

/// What readers bring along themselves.
const POM: &str = r#"<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>com.example</groupId>
  <artifactId>first</artifactId>
  <version>1</version>
  <properties><project.build.sourceEncoding>UTF-8</project.build.sourceEncoding></properties>
REPOSITORIES
  <dependencies>
DEPENDENCY
  </dependencies>
  <build><plugins>
    BUILD
    <plugin><groupId>org.codehaus.mojo</groupId><artifactId>exec-maven-plugin</artifactId><version>3.6.4</version></plugin>
  </plugins></build>
</project>
"#;

pub(super) fn kotlin() -> Result<Outcome> {
    let Some(walk) = Walk::begin("Kotlin")? else { return not_packed() };
    let build = format!(
        "<plugin><groupId>org.jetbrains.kotlin</groupId><artifactId>kotlin-maven-plugin</artifactId>\
         <version>{}</version><executions><execution><goals><goal>compile</goal></goals></execution></executions>\
         <configuration><sourceDirs><sourceDir>src/main/kotlin</sourceDir></sourceDirs></configuration></plugin>",
        kotlin::version_of_kotlin()?
    );
    walk.write("src/main/kotlin/First.kt", &walk.block("kotlin", 0)?)?;
    maven(&walk, &walk, &build, "FirstKt")
}

pub(super) fn java() -> Result<Outcome> {
    let (Some(kotlin), Some(walk)) = (Walk::begin("Kotlin")?, Walk::begin("Java")?) else { return not_packed() };
    let build = "<plugin><groupId>org.apache.maven.plugins</groupId><artifactId>maven-compiler-plugin</artifactId>\
                 <version>3.16.0</version><configuration><release>8</release></configuration></plugin>";
    walk.write("src/main/java/First.java", &walk.block("java", 0)?)?;
    maven(&walk, &kotlin, build, "First")
}

/// The dependency is in the section of `naming`.
fn maven(walk: &Walk, naming: &Walk, build: &str, main: &str) -> Result<Outcome> {
    let pom = POM.replace("REPOSITORIES", &naming.block("xml", 0)?).replace("DEPENDENCY", &naming.block("xml", 1)?);
    walk.write("pom.xml", &pom.replace("BUILD", build))?;
    let mut command = java::maven_beside_the_users();
    command.args(["-q", "compile", "exec:java"]).arg(format!("-Dexec.mainClass={main}"));
    walk.sends(&format!("send by README's {main}"), &mut command)
}

pub(super) fn swift() -> Result<Outcome> {
    let Some(walk) = Walk::begin("Swift")? else { return not_packed() };
    let archive = packed("swift").join(format!("WildfireChatMessage-{}-{HOST}.tar.gz", env!("CARGO_PKG_VERSION")));
    let (true, Some(swift)) = (archive.exists(), Swift::installed()) else {
        return Ok(Outcome::NotRun("Swift is missing, or the package: cargo xtask package swift".to_owned()));
    };
    run("unpack the Swift package", Command::new("tar").arg("-xzf").arg(archive).arg("-C").arg(&walk.folder))?;
    walk.write("first-message/Package.swift", &walk.block("swift", 0)?)?;
    walk.write("first-message/Sources/first-message/main.swift", &walk.block("swift", 1)?)?;
    let project = walk.folder.join("first-message");
    run("build README's Swift", swift.command("build").current_dir(&project))?;
    walk.sends("send by README's Swift", &mut swift.run(&project.join(".build/debug/first-message")))
}

fn not_packed() -> Result<Outcome> {
    Ok(Outcome::NotRun("it was not packed: cargo xtask package".to_owned()))
}

#[cfg(unix)]
fn link(from: &Path, to: &Path) -> Result<()> {
    std::os::unix::fs::symlink(from, to).map_err(|error| format!("{}: {error}", to.display()))
}

#[cfg(not(unix))]
fn link(_: &Path, _: &Path) -> Result<()> {
    Err("README is walked on Linux".to_owned())
}

fn readme() -> Result<String> {
    fs::read_to_string(root().join("README.md")).map_err(|error| format!("README.md: {error}"))
}

/// The text below a heading, such as `### Rust`, up to the next heading.
fn section(page: &str, heading: &str) -> Result<String> {
    let (_, rest) =
        page.split_once(&format!("\n{heading}\n")).ok_or_else(|| format!("README has no section {heading}"))?;
    Ok(rest.split("\n## ").next().unwrap_or_default().split("\n### ").next().unwrap_or_default().to_owned())
}

/// The blocks of code in `form`, such as `python`.
fn blocks<'a>(section: &'a str, form: &str) -> impl Iterator<Item = &'a str> {
    let fence = format!("```{form}\n");
    section
        .match_indices(&fence)
        .filter_map(move |(at, fence)| section[at + fence.len()..].split("```").next())
        .collect::<Vec<_>>()
        .into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_section_has_its_blocks() {
        let readme = readme().unwrap();
        for (heading, form, count) in [
            ("### Rust", "toml", 1),
            ("### Rust", "rust", 1),
            ("### Python", "text", 1),
            ("### Python", "python", 1),
            ("### Kotlin", "xml", 2),
            ("### Kotlin", "kotlin", 1),
            ("### Java", "java", 1),
            ("### Swift", "swift", 2),
            ("## The program", "text", 2),
        ] {
            let section = section(&readme, heading).unwrap();
            assert_eq!(blocks(&section, form).count(), count, "{heading}: {form}");
        }
    }

    #[test]
    fn every_program_of_the_sections_speaks_to_the_server_that_is_put_in_its_place() {
        let readme = readme().unwrap();
        for (heading, form, index) in [
            ("### Rust", "rust", 0),
            ("### Python", "python", 0),
            ("### Kotlin", "kotlin", 0),
            ("### Java", "java", 0),
            ("### Swift", "swift", 1),
            ("## The program", "text", 0),
        ] {
            let section = section(&readme, heading).unwrap();
            assert!(blocks(&section, form).nth(index).unwrap().contains(SERVER), "{heading}");
        }
    }
}
