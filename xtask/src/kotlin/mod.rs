//! The Kotlin binding: building, testing, its demo, its lint, its package.

pub(crate) mod central;

use std::{
    env::consts::{ARCH, OS},
    fs, io,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    native::{self, Library, Profile},
    package::{licences, native::Native},
    server::{RobotSettings, Server},
    shell::{Result, root, run, run_silently, show, target},
    summary::{Summary, show_what_is_told},
};

/// Runs the suite, or `only` the test classes that match a pattern; compiles only if a source has changed.
pub(crate) fn test(only: Option<&str>) -> Result<Summary> {
    let built = built();
    prepare(&native::library(Profile::Dev)?, &built)?;
    let reports = built.join("maven/surefire-reports");
    // The reports of tests that were removed would be counted too.
    let _ = fs::remove_dir_all(&reports);
    let compiled = Stamp::of_sources(&built)?;
    // The native library may still have changed; it is only copied.
    let goals: &[&str] = if compiled.is_current() { &["resources:resources", "surefire:test"] } else { &["test"] };
    let mut command = maven(&built);
    command.args(goals).args(only.map(|pattern| format!("-Dtest={pattern}")));
    let (output, success) = offline_first("run the Kotlin tests", &mut command, "test")?;
    let summary = count(&reports)?;
    if summary == Summary::default() {
        return Err(format!("the Kotlin tests did not run:\n{}", errors(&output)));
    }
    compiled.set()?;
    if !success {
        println!("{}", errors(&output));
    }
    show_what_is_told(&output);
    Ok(summary)
}

pub(crate) fn demo(server: &Server) -> Result<()> {
    show("the Kotlin demo", example("DemoKt")?.args([&server.url, &server.secret]))
}

/// The example of a robot, for Spring Boot. Its tests' Logback is older than the one that Spring Boot sets up.
pub(crate) fn robot(settings: &RobotSettings) -> Result<Command> {
    let mut command = example("example.MentionRobot")?;
    command.env("JAVA_TOOL_OPTIONS", "-Dorg.springframework.boot.logging.LoggingSystem=none");
    command.envs(settings.clone());
    Ok(command)
}

/// The program of a class among the examples, compiled.
fn example(class: &str) -> Result<Command> {
    let built = built();
    prepare(&native::library(Profile::Dev)?, &built)?;
    let compiled = Stamp::of_sources(&built)?;
    let classpath = built.join("classpath");
    if !compiled.is_current() || !classpath.exists() {
        let mut command = maven(&built);
        let compile = (!compiled.is_current()).then_some("test-compile");
        command.args(compile).arg("dependency:build-classpath");
        command.arg(format!("-Dmdep.outputFile={}", classpath.display()));
        succeed("build the Kotlin demo", &mut command, "demo")?;
        compiled.set()?;
    }
    let libraries = fs::read_to_string(&classpath).map_err(in_file(&classpath))?;
    // The resources come first on the path, because they contain the newest native library.
    let folders = ["resources", "maven/classes", "maven/test-classes"].map(|folder| built.join(folder));
    let classpath = std::env::join_paths(folders.into_iter().chain(std::env::split_paths(libraries.trim())))
        .map_err(|error| format!("the demo's classpath: {error}"))?;
    let mut command = Command::new(java());
    // Prints the arrow in its lines in any locale of the terminal; older JDKs know the first name.
    command.args(["-Dfile.encoding=UTF-8", "-Dstdout.encoding=UTF-8", "-cp"]).arg(classpath);
    command.arg(class);
    Ok(command)
}

pub(crate) fn lint() -> Result<()> {
    succeed("check the format of the Kotlin code", maven(&built()).arg("ktlint:check"), "lint")
}

/// Packs the jar with `natives`, its sources and its documentation into `folder`, which becomes a Maven repository.
/// Returns the jar.
pub(crate) fn package(folder: &Path, natives: &[Native]) -> Result<PathBuf> {
    let built = built().join("release");
    let resources = built.join("resources");
    let _ = fs::remove_dir_all(&resources);
    let _ = fs::remove_dir_all(folder);
    generate(&native::library(Profile::Release)?, &built)?;
    for native in natives {
        if let Some(platform) = native.target.jna {
            copy(&native.shared(), &resources.join(platform).join(native.target.shared()))?;
        }
    }
    let targets: Vec<_> = natives.iter().map(|native| native.target).collect();
    licences::write(&resources.join("META-INF"), &targets)?;
    licences::name_the_jars_own(&resources.join("META-INF"), |name| {
        version_in_pom(if name == "jna" { "jna.version" } else { "kotlin.version" })
    })?;
    let mut command = maven(&built);
    command.args([
        "package",
        "shade:shade",
        "source:jar-no-fork",
        "dokka:javadocJar",
        "deploy:deploy",
        "-Dmaven.test.skip=true",
    ]);
    command.arg(format!("-DaltDeploymentRepository=package::file:{}", folder.display()));
    // Not offline first: without the network Maven refuses to deploy, even into a folder, and would have done all else for nothing.
    match run_silently("pack the jar", &mut command)? {
        (_, true) => Ok(central::artifacts(folder).join(format!("{}.jar", central::name()))),
        (output, false) => Err(format!("the jar was not packed:\n{}", errors(&output))),
    }
}

/// Builds the measuring program with the released library; returns the words of its command.
pub(crate) fn measuring_program() -> Result<Vec<String>> {
    let built = built().join("bench");
    prepare(&native::library(Profile::Release)?, &built)?;
    let classpath = built.join("classpath");
    let mut command = maven_on("bindings/kotlin/bench", &built);
    command.args(["compile", "dependency:build-classpath"]);
    command.arg(format!("-Dmdep.outputFile={}", classpath.display()));
    run("build the Kotlin measuring program", &mut command)?;
    let libraries = fs::read_to_string(&classpath).map_err(in_file(&classpath))?;
    let folders = std::iter::once(built.join("maven/classes")).chain(std::env::split_paths(libraries.trim()));
    let classpath = std::env::join_paths(folders).map_err(|error| format!("the program's classpath: {error}"))?;
    let version = format!("-Dwildfirechat.version={}", env!("CARGO_PKG_VERSION"));
    // Cargo sets a search path for libraries, on which JNA would find the development build.
    let library = format!("-Djna.library.path={}", built.join("resources").join(jna_platform()).display());
    let words = [java().display().to_string(), version, library, "-cp".into(), classpath.to_string_lossy().into()];
    Ok(words.into_iter().chain(["BenchKt".to_owned()]).collect())
}

pub(crate) const MAVEN: &str = if cfg!(windows) { "mvn.cmd" } else { "mvn" };

/// The version of Kotlin with which the library is compiled.
pub(crate) fn version_of_kotlin() -> Result<String> {
    version_in_pom("kotlin.version")
}

fn version_in_pom(property: &str) -> Result<String> {
    let file = root().join("bindings/kotlin/pom.xml");
    let pom = fs::read_to_string(&file).map_err(in_file(&file))?;
    let version = pom.split_once(&format!("<{property}>")).and_then(|(_, rest)| rest.split_once('<'));
    version.map(|(version, _)| version.to_owned()).ok_or_else(|| format!("{} names no {property}", file.display()))
}

/// The Java on which Maven runs.
fn java() -> PathBuf {
    std::env::var_os("JAVA_HOME").map_or("java".into(), |home| Path::new(&home).join("bin/java"))
}

/// The folder of everything that this module builds.
fn built() -> PathBuf {
    target().join("kotlin")
}

/// Updates in `built` what Maven compiles and packs: the generated sources and the native library.
fn prepare(library: &Library, built: &Path) -> Result<()> {
    generate(library, built)?;
    let name = library.shared.file_name().ok_or("the native library has no name")?;
    copy(&library.shared, &built.join("resources").join(jna_platform()).join(name))
}

/// Updates the generated sources in `built`.
fn generate(library: &Library, built: &Path) -> Result<()> {
    let generated = built.join("generated");
    native::generate(library, "kotlin", &generated)?;
    native::generate_facade(library, "kotlin", &generated)
}

/// The folder in the jar where JNA looks for this machine's library.
fn jna_platform() -> String {
    let system = match OS {
        "macos" => "darwin",
        "windows" => "win32",
        other => other,
    };
    let processor = match ARCH {
        "x86_64" => "x86-64",
        other => other,
    };
    format!("{system}-{processor}")
}

/// A command that runs Maven on the library and builds in `built`.
fn maven(built: &Path) -> Command {
    maven_on("bindings/kotlin", built)
}

fn maven_on(project: &str, built: &Path) -> Command {
    let mut command = Command::new(MAVEN);
    command.current_dir(root().join(project)).args(["-B", "-ntp"]);
    command.arg(format!("-Dbuilt={}", built.display()));
    command
}

/// As [`offline_first`]; if Maven fails, the error contains its error lines.
fn succeed(label: &str, command: &mut Command, goal: &str) -> Result<()> {
    match offline_first(label, command, goal)? {
        (_, true) => Ok(()),
        (output, false) => Err(format!("{label} failed:\n{}", errors(&output))),
    }
}

/// Runs Maven offline if the same goal has fetched everything with this pom before, which saves seconds. If the local repository
/// has lost something since, Maven runs once more, online.
fn offline_first(label: &str, command: &mut Command, goal: &str) -> Result<(String, bool)> {
    let resolved = Stamp::new(
        built().join("resolved").join(goal.replace(':', "-")),
        fs::read_to_string(root().join("bindings/kotlin/pom.xml")).unwrap_or_default(),
    );
    if resolved.is_current() {
        let mut offline = again(command);
        let (output, success) = run_silently(label, offline.arg("-o"))?;
        if success || !output.contains("offline mode") {
            return Ok((output, success));
        }
    }
    println!("Maven downloads what bindings/kotlin/pom.xml names and its local repository lacks.");
    let (output, success) = run_silently(label, command)?;
    if success {
        resolved.set()?;
    }
    Ok((output, success))
}

fn again(command: &Command) -> Command {
    let mut copy = Command::new(command.get_program());
    copy.args(command.get_args());
    if let Some(folder) = command.get_current_dir() {
        copy.current_dir(folder);
    }
    copy
}

/// The lines that Maven marks as errors, without its advice on how to run Maven.
fn errors(output: &str) -> String {
    let lines: Vec<&str> = output
        .lines()
        .skip_while(|line| !line.starts_with("[ERROR]"))
        .filter(|line| !line.starts_with("[INFO]"))
        .take_while(|line| !line.contains("To see the full stack trace"))
        .collect();
    match lines.as_slice() {
        [] => output.to_owned(),
        lines => lines.join("\n"),
    }
}

/// Adds up the reports of Maven's test plugin.
fn count(reports: &Path) -> Result<Summary> {
    let mut summary = Summary::default();
    let Ok(files) = fs::read_dir(reports) else { return Ok(summary) };
    for file in files {
        let path = file.map_err(in_file(reports))?.path();
        if path.extension().is_some_and(|extension| extension == "xml") {
            let text = fs::read_to_string(&path).map_err(in_file(&path))?;
            summary += counts_of(&text).ok_or_else(|| format!("{} holds no counts", path.display()))?;
        }
    }
    Ok(summary)
}

/// The counts of a report: its first element says `tests="38" errors="0" skipped="0" failures="1"`.
fn counts_of(report: &str) -> Option<Summary> {
    let suite = report.split_once("<testsuite ")?.1.split_once('>')?.0;
    let number =
        |name: &str| -> Option<u64> { suite.split_once(&format!(" {name}=\""))?.1.split_once('"')?.0.parse().ok() };
    let (failed, skipped) = (number("failures")? + number("errors")?, number("skipped")?);
    Some(Summary { passed: number("tests")?.checked_sub(failed + skipped)?, failed, skipped })
}

/// A file that remembers what something was last made from.
struct Stamp {
    file: PathBuf,
    made_from: String,
}

impl Stamp {
    fn new(file: PathBuf, made_from: String) -> Self {
        Self { file, made_from }
    }

    /// Everything that the compiled classes in `built` depend on.
    fn of_sources(built: &Path) -> Result<Self> {
        let mut files = Vec::new();
        for folder in [root().join("bindings/kotlin"), built.join("generated")] {
            list(&folder, &mut files).map_err(in_file(&folder))?;
        }
        files.sort();
        Ok(Self::new(built.join("compiled-from"), files.join("\n")))
    }

    fn is_current(&self) -> bool {
        fs::read_to_string(&self.file).is_ok_and(|before| before == self.made_from)
    }

    fn set(&self) -> Result<()> {
        write_if_changed(&self.file, self.made_from.as_bytes())
    }
}

/// Each file below `folder` with its length and time.
fn list(folder: &Path, files: &mut Vec<String>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let metadata = entry.metadata()?;
        if metadata.is_dir() {
            list(&entry.path(), files)?;
        } else {
            files.push(format!("{} {} {:?}", entry.path().display(), metadata.len(), metadata.modified()?));
        }
    }
    Ok(())
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    write_if_changed(to, &fs::read(from).map_err(in_file(from))?)
}

/// Writes a file only if its text changes, so that nothing is built again without need.
fn write_if_changed(file: &Path, wanted: &[u8]) -> Result<()> {
    if fs::read(file).is_ok_and(|present| present == wanted) {
        return Ok(());
    }
    let folder = file.parent().unwrap_or(Path::new(""));
    fs::create_dir_all(folder).and_then(|()| fs::write(file, wanted)).map_err(in_file(file))
}

fn in_file(path: &Path) -> impl Fn(io::Error) -> String {
    move |error| format!("{}: {error}", path.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_counted() {
        let report = "<?xml version=\"1.0\"?>\n<testsuite xmlns:xsi=\"x\" name=\"a.B\" time=\"1.2\" tests=\"38\" errors=\"1\" \
                      skipped=\"2\" failures=\"3\" flakes=\"0\">\n  <properties>";
        assert_eq!(counts_of(report), Some(Summary { passed: 32, failed: 4, skipped: 2 }));
        assert_eq!(counts_of("<testsuite name=\"a.B\">"), None);
    }

    #[test]
    fn of_a_failed_run_the_errors_are_shown() {
        let output = "[INFO] Running A\n[ERROR] A.b <<< FAILURE!\nwanted 1\n[INFO] Running B\n[ERROR] A.b:12 wanted 1\n\
                      [ERROR] To see the full stack trace of the errors, re-run Maven with the -e switch.\n[ERROR] more";
        assert_eq!(errors(output), "[ERROR] A.b <<< FAILURE!\nwanted 1\n[ERROR] A.b:12 wanted 1");
        assert_eq!(errors("mvn: not found"), "mvn: not found");
    }
}
