//! The jar, as Maven installs it.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use super::{
    Outcome,
    consumers::{self, fresh, packed, sends, without_rust, write},
    fetched,
    trees::{CONSUMER, Plan, Tree, copy},
};
use crate::{
    kotlin::{MAVEN, central},
    shell::{Result, root, run, target},
};

/// On this system's Java, as the example's own comment says.
pub(super) fn here() -> Result<Outcome> {
    if !is_packed() {
        return not_packed();
    }
    let project = example("here-java")?;
    // Another run may have fetched them.
    let coroutines = repository().join("org/jetbrains/kotlinx");
    let _ = fs::remove_dir_all(&coroutines);
    let line = sends("send from Java", maven(&project).args(["-q", "compile", "exec:java"]))?;
    // Optional: the project went without.
    match coroutines.exists() {
        true => Err("the packed jar brings the library of coroutines with it, which is optional".to_owned()),
        false => Ok(Outcome::Ran(line)),
    }
}

/// On a Java of another system, which Debian calls `java`.
pub(super) fn in_tree(plan: &Plan, java: &str) -> Result<Outcome> {
    if !is_packed() {
        return not_packed();
    }
    let tree = Tree::of(plan)?;
    tree.bring(&compiled(example("java")?)?)?;
    run_java(&tree, plan, java)
}

/// The same with the oldest JNA that is said to do there: a project may have it from somebody else.
pub(super) fn in_tree_with_jna(plan: &Plan, java: &str, jna: &str) -> Result<Outcome> {
    if !is_packed() {
        return not_packed();
    }
    let project = example("java-jna")?;
    let file = project.join("pom.xml");
    let dependency = format!(
        "<dependencies>\n<dependency><groupId>net.java.dev.jna</groupId><artifactId>jna</artifactId>\
         <version>{jna}</version></dependency>"
    );
    let pom = fs::read_to_string(&file).map_err(|error| error.to_string())?;
    write(&file, &pom.replacen("<dependencies>", &dependency, 1))?;
    let folder = compiled(project)?;
    if !folder.join(format!("jars/jna-{jna}.jar")).exists() {
        return Err(format!("the project uses another version of JNA than {jna}"));
    }
    let tree = Tree::of(plan)?;
    tree.bring(&folder)?;
    match run_java(&tree, plan, java)? {
        Outcome::Ran(line) => Ok(Outcome::Ran(format!("{line} and JNA {jna}"))),
        other => Ok(other),
    }
}

/// On the Java of another processor, whose library lies in `folder` of the jar.
pub(super) fn on_another(plan: &Plan, folder: &str, java: &str) -> Result<Outcome> {
    if !jar_has(folder) {
        return not_packed();
    }
    in_tree(plan, java)
}

/// On a Java for Windows, by wine.
pub(super) fn on_windows() -> Result<Outcome> {
    if !jar_has("win32-x86-64/") {
        return not_packed();
    }
    let tree = Tree::of(&consumers::WINE)?;
    tree.bring(&compiled(example("java")?)?)?;
    tree.bring_along(&fetched::JAVA_FOR_WINDOWS.java_for_windows()?, "java")?;
    let words = ["java/bin/java.exe", "-cp", "classes;jars/*", "FirstMessage"];
    let mut command = consumers::by_wine(&tree, &words);
    let line = sends("send from Java on Windows", &mut command)?;
    Ok(Outcome::Ran(format!("{line} with Java 25")))
}

fn run_java(tree: &Tree, plan: &Plan, java: &str) -> Result<Outcome> {
    let home = if java.starts_with("java-8-") { "jre/bin/java" } else { "bin/java" };
    let program = format!("/usr/lib/jvm/{java}/{home}");
    // In a folder that this system's Java would not have either.
    let classpath = format!("{CONSUMER}/classes:{CONSUMER}/jars/*");
    let label = format!("send from {java} of {}", plan.suite);
    // Debian's for LoongArch has this machine alone, and a package that was only unpacked does not say so.
    let machine: &[&str] = if java.ends_with("-loong64") { &["-XXaltjvm=zero"] } else { &[] };
    let ask = |words: &[&str]| tree.command(&program, &[machine, words].concat());
    let line = sends(&label, &mut ask(&["-cp", &classpath, "FirstMessage"]))?;
    let version = run("ask for Java's version", &mut ask(&["-version"]))?;
    Ok(Outcome::Ran(format!("{line} with {}", version.lines().next().unwrap_or_default())))
}

/// In a project whose parent is Spring Boot's: that names a version of Kotlin of its own. `properties` is what the library's
/// page says to put against it.
pub(super) fn spring_boot(version: &str, java: &str, properties: &str) -> Result<Outcome> {
    if !is_packed() {
        return not_packed();
    }
    let project = example(&format!("spring-boot-{version}"))?;
    let file = project.join("pom.xml");
    let pom = fs::read_to_string(&file).map_err(|error| error.to_string())?;
    let parent = format!(
        "<parent><groupId>org.springframework.boot</groupId><artifactId>spring-boot-starter-parent</artifactId>\
         <version>{version}</version><relativePath/></parent>\n  <groupId>com.example"
    );
    let pom = pom.replacen("<groupId>com.example", &parent, 1);
    let starter = "<dependencies>\n<dependency><groupId>org.springframework.boot</groupId>\
                   <artifactId>spring-boot-starter</artifactId></dependency>";
    let pom = pom.replacen("<dependencies>", starter, 1);
    let pom = pom.replacen("<properties>", &format!("<properties><java.version>{java}</java.version>{properties}"), 1);
    write(&file, &pom)?;
    let line =
        sends(&format!("send beside Spring Boot {version}"), maven(&project).args(["-q", "compile", "exec:java"]))?;
    let mut list = maven(&project);
    list.args(["dependency:list", "-DincludeArtifactIds=jna,kotlin-stdlib"]);
    let listed = run("ask for the versions beside it", &mut list)?;
    // `[INFO]    net.java.dev.jna:jna:jar:5.19.1:compile -- module com.sun.jna`
    let versions: Vec<String> = listed
        .lines()
        .filter_map(|line| {
            let mut parts = line.strip_prefix("[INFO]    ")?.split(':').skip(1);
            let (name, version) = (parts.next()?, parts.nth(1)?);
            Some(format!("{name} {version}"))
        })
        .collect();
    Ok(Outcome::Ran(format!("{line} beside Spring Boot {version}: {}", versions.join(", "))))
}

/// The project of the example, compiled for Java 8, and the jars that it needs, in a folder.
fn compiled(project: PathBuf) -> Result<PathBuf> {
    let mut command = maven(&project);
    command.args(["-q", "compile", "dependency:copy-dependencies", "-DoutputDirectory=target/jars"]);
    run("compile the first message for Java 8", &mut command)?;
    let folder = fresh("java-compiled")?;
    for name in ["classes", "jars"] {
        copy(&project.join("target").join(name), &folder.join(name)).map_err(|error| error.to_string())?;
    }
    Ok(folder)
}

/// examples/first-message in a folder of its own.
fn example(name: &str) -> Result<PathBuf> {
    let project = fresh(name)?;
    copy(&root().join("bindings/kotlin/examples/first-message"), &project).map_err(|error| error.to_string())?;
    write(&project.join("settings.xml"), &settings(&packed("kotlin")))?;
    Ok(project)
}

/// A local repository apart from the user's: one that has seen an earlier jar of this version would go on using that one.
fn repository() -> PathBuf {
    target().join("verify/maven-repository")
}

fn maven(project: &Path) -> Command {
    let mut command = maven_beside_the_users();
    command.current_dir(project).args(["-s", "settings.xml"]);
    command
}

/// Maven, which has not seen the jar before.
pub(super) fn maven_beside_the_users() -> Command {
    let _ = fs::remove_dir_all(repository().join("chat"));
    let mut command = without_rust(MAVEN);
    command.args(["-B", "-ntp", "-Dstyle.color=never"]);
    command.arg(format!("-Dmaven.repo.local={}", repository().display()));
    command
}

/// Maven's settings with one more repository.
fn settings(repository: &Path) -> String {
    format!(
        "<settings><profiles><profile><id>packed</id><repositories><repository><id>packed</id>\
         <url>file:{}</url></repository></repositories></profile></profiles>\
         <activeProfiles><activeProfile>packed</activeProfile></activeProfiles></settings>\n",
        repository.display()
    )
}

fn jar() -> PathBuf {
    central::artifacts(&packed("kotlin")).join(format!("{}.jar", central::name()))
}

fn is_packed() -> bool {
    jar().exists()
}

fn jar_has(folder: &str) -> bool {
    // The names in a jar are not compressed.
    fs::read(jar()).is_ok_and(|content| memchr::memmem::find(&content, folder.as_bytes()).is_some())
}

fn not_packed() -> Result<Outcome> {
    Ok(Outcome::NotRun("it was not packed: cargo xtask package kotlin".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_settings_name_the_packed_repository() {
        assert!(settings(Path::new("/tmp/packed")).contains("<url>file:/tmp/packed</url>"));
    }
}
