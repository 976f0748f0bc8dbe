//! The wheel and the source package, as pip installs them.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use super::{
    Outcome,
    consumers::{self, fresh, packed, sends, without_rust, write},
    fetched::{self, Fetched},
    trees::{CONSUMER, Plan, Tree, copy},
};
use crate::{
    package::targets::Target,
    python,
    shell::{Result, ask, root, run},
};

/// The first message, as the README has it, to a server that it brings along.
const PROGRAM: &str = "\
import platform, sys
from wildfirechat_message import Conversation, MessageClient, MessagePayload, Sandbox

with Sandbox() as sandbox, MessageClient(sandbox.base_url, \"123456\") as client:
    sent = client.send_message(\"admin\", Conversation.group(\"g1\"), MessagePayload.text(\"Hello.\"))
    text = client.get_message(sent.message_uid).payload.searchable_content
    gil = \"\" if getattr(sys, \"_is_gil_enabled\", lambda: True)() else \", free-threaded\"
    print(f\"sent: {text} with Python {platform.python_version()}{gil} on {platform.machine()}\")
";

/// The same by many threads at once, where no lock makes them wait for each other.
const BY_THREADS: &str = "\
import platform, sys, threading
from wildfirechat_message import Conversation, MessageClient, MessagePayload, Sandbox

sent = []

def send(number):
    for _ in range(50):
        group = Conversation.group(f\"g{number}\")
        sent.append(client.send_message(\"admin\", group, MessagePayload.text(\"Hello.\")).message_uid)

with Sandbox() as sandbox, MessageClient(sandbox.base_url, \"123456\") as client:
    threads = [threading.Thread(target=send, args=[number]) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    texts = {client.get_message(uid).payload.searchable_content for uid in sent}
assert len(set(sent)) == 800 and texts == {\"Hello.\"}, (len(sent), texts)
assert not sys._is_gil_enabled(), \"something has switched the lock on\"
print(f\"sent: Hello. 800 times by 16 threads with the free-threaded Python {platform.python_version()}\")
";

/// On this system's Python.
pub(super) fn here() -> Result<Outcome> {
    let folder = fresh("here-python")?;
    if !install_here(&folder)? {
        return not_packed();
    }
    write(&folder.join("first.py"), PROGRAM)?;
    let mut command = without_rust(&folder.join("venv/bin/python").to_string_lossy());
    sends("send from Python", command.current_dir(&folder).arg("first.py")).map(Outcome::Ran)
}

/// On the Python of another system.
pub(super) fn in_tree(plan: &Plan) -> Result<Outcome> {
    let Some(wheel) = wheel("x86_64-unknown-linux-gnu")? else { return not_packed() };
    let folder = fresh(&format!("{}-python", plan.name))?;
    copy(&wheel, &folder).map_err(|error| error.to_string())?;
    write(&folder.join("first.py"), PROGRAM)?;
    let tree = Tree::of(plan)?;
    tree.bring(&folder)?;
    let words = format!("{} && venv/bin/python first.py", in_venv("python3"));
    let label = format!("send from the Python of {}", plan.suite);
    sends(&label, &mut tree.command("sh", &["-c", &words])).map(Outcome::Ran)
}

/// The shell's words by which a Python makes an environment, and its pip installs the wheel that fits it of those beside.
fn in_venv(python: &str) -> String {
    let wanted = format!("wildfirechat-message=={}", python::version());
    format!("{python} -m venv venv && venv/bin/pip -q install --no-index --find-links . {wanted}")
}

/// On a Python that another registry has, by its own pip.
pub(super) fn fetched(python: &Fetched) -> Result<Outcome> {
    let Some(wheel) = wheel("x86_64-unknown-linux-gnu")? else { return not_packed() };
    let folder = fresh(python.name)?;
    let mut pip = python.python()?;
    pip.args(["-m", "pip", "-q", "--disable-pip-version-check", "install", "--no-index", "--target"]).arg(&folder);
    run(&format!("install the wheel for {}", python.name), pip.arg(&wheel))?;
    write(&folder.join("first.py"), PROGRAM)?;
    let label = format!("send from {}", python.name);
    sends(&label, python.python()?.current_dir(&folder).arg("first.py")).map(Outcome::Ran)
}

/// The tests that stop a call between any two steps of the interpreter: its versions differ in where it hears an interrupt.
pub(super) fn interrupted(python: &Fetched) -> Result<Outcome> {
    let Some(wheel) = wheel("x86_64-unknown-linux-gnu")? else { return not_packed() };
    let folder = fresh(&format!("{}-interrupts", python.name))?;
    let mut pip = python.python()?;
    pip.args(["-m", "pip", "-q", "--disable-pip-version-check", "install", "--target"]).arg(&folder).arg(&wheel);
    pip.arg("pytest").arg("--constraint").arg(python::required("test"));
    run(&format!("install the wheel and pytest for {}", python.name), &mut pip)?;
    let mut pytest = python.python()?;
    pytest.env("PYTHONPATH", &folder).arg(folder.join("bin/pytest"));
    pytest.args(["-p", "no:cacheprovider", "tests/test_interrupts.py"]);
    let summary = python::tests_of(&format!("interrupt calls of {}", python.name), &mut pytest)?;
    match summary.skipped {
        0 => Outcome::of_tests("tests of interrupts", summary),
        skipped => Err(format!("{skipped} tests of interrupts do not run on {}", python.name)),
    }
}

/// What the suite cannot do with a packed library: only one for development panics when asked to.
const WANTS_A_PANIC: [&str; 2] = ["tests/test_defects.py", "tests/test_secrets.py::test_no_panic_shows_them"];

/// And on Debian 11: the `-X dev` of its Python 3.9.2 does not survive a fork, and its openssl cannot sign a certificate in one step.
pub(super) const BULLSEYE_LACKS: [&str; 2] = [
    "tests/test_fork.py::test_a_child_may_end_as_any_program_ends",
    "tests/test_timeouts.py::test_a_slow_handshake_is_bounded_by_the_time_to_connect_alone",
];

/// And on Debian sid: a Java that Spark runs on.
pub(super) const SID_LACKS: [&str; 1] =
    ["tests/test_engines.py::test_a_spark_task_killed_after_half_its_rows_sends_each_row_once"];

/// The whole suite but what `left_out` names, by the wheel, on the Python of another system.
pub(super) fn suite(plan: &Plan, left_out: &[&str]) -> Result<Outcome> {
    const COPY: &str = "git ls-files -z --cached --others --exclude-standard | tar --null --files-from=- -c | tar -x --directory=\"$0\"";
    let Some(wheel) = wheel("x86_64-unknown-linux-gnu")? else { return not_packed() };
    let folder = fresh(&format!("{}-python", plan.name))?;
    run("copy the checkout", Command::new("sh").current_dir(root()).args(["-ec", COPY]).arg(&folder))?;
    copy(&wheel, &folder).map_err(|error| error.to_string())?;
    let tree = Tree::of(plan)?;
    tree.bring(&folder)?;
    let left_out: Vec<String> = WANTS_A_PANIC.iter().chain(left_out).map(|test| format!("--deselect {test}")).collect();
    let words = format!(
        "export PIP_CERT=/etc/ssl/certs/ca-certificates.crt PATH={CONSUMER}/venv/bin:$PATH
        python3 -m venv venv
        pip -q install --upgrade pip
        pip -q install *.whl --requirement bindings/python/requirements/test.txt
        cd bindings/python
        exec pytest {} \"$0\" \"$@\"",
        left_out.join(" ")
    );
    let label = format!("run the Python tests on {}", plan.suite);
    let summary = python::tests_of(&label, &mut tree.command("sh", &["-ec", &words]))?;
    Outcome::of_tests("tests of the suite", summary)
}

/// A Python that no registry has. It is built in another system's folder, once, of the sources that a release of Debian has.
pub(super) struct OfSource {
    /// The name of its folder there, below /opt.
    name: &'static str,
    plan: &'static Plan,
    /// The release, and the names of its source packages.
    suite: &'static str,
    sources: &'static [&'static str],
    /// Builds and installs it, in the folder in which each source has its own.
    build: &'static str,
    program: &'static str,
    /// The targets whose wheels pip may choose from.
    wheels: &'static [&'static str],
    first: &'static str,
}

/// Without a lock for all.
pub(super) const FREE_THREADED: OfSource = OfSource {
    name: "free-threaded",
    plan: &consumers::TRIXIE_C,
    suite: "trixie",
    sources: &["python3.13"],
    build: "cd python3.13
        ./configure --quiet --disable-gil --disable-test-modules --prefix=/opt/free-threaded
        make
        make COMPILEALL_OPTS='-x .' install",
    program: "python3.13t",
    wheels: &["x86_64-unknown-linux-gnu"],
    first: BY_THREADS,
};

/// With musl instead of glibc, as on Alpine: musl of Debian 11, which is nearly the oldest for which the wheel is, and the oldest
/// Python whose pip knows of such wheels. Python's own check of the compiler asks it for the name of the C library.
pub(super) const MUSL: OfSource = OfSource {
    name: "musl",
    plan: &consumers::BULLSEYE_MUSL,
    suite: "bookworm",
    sources: &["libffi", "zlib", "python3.11"],
    build: r#"printf '#!/bin/sh\n[ "$*" = --print-multiarch ] && echo x86_64-linux-musl || exec musl-gcc "$@"\n' > cc
        chmod +x cc
        export CC="$PWD/cc" CFLAGS=-fPIC
        (cd libffi; ./configure --quiet --prefix=/opt/musl --disable-shared --disable-exec-static-tramp; make install)
        (cd zlib; ./configure --prefix=/opt/musl --static; make install)
        cd python3.11
        export CPPFLAGS=-I/opt/musl/include LDFLAGS=-L/opt/musl/lib
        ./configure --quiet --disable-test-modules --prefix=/opt/musl
        make
        make COMPILEALL_OPTS='-x .' install"#,
    program: "python3.11",
    wheels: &["x86_64-unknown-linux-gnu", "x86_64-unknown-linux-musl"],
    first: PROGRAM,
};

/// On such a Python.
pub(super) fn of_source(python: &OfSource) -> Result<Outcome> {
    let folder = fresh(&format!("{}-python", python.name))?;
    for triple in python.wheels {
        let Some(wheel) = wheel(triple)? else { return not_packed() };
        copy(&wheel, &folder).map_err(|error| error.to_string())?;
    }
    write(&folder.join("first.py"), python.first)?;
    let tree = Tree::of(python.plan)?;
    tree.bring(&folder)?;
    let prefix = format!("/opt/{}", python.name);
    if !tree.folder().join(&prefix[1..]).join("is-complete").exists() {
        let build = format!(
            "sed 's/^deb /deb-src /; s/ {} / {} /' /etc/apt/sources.list > /etc/apt/sources.list.d/source.list
            rm -rf {prefix} /tmp/python
            mkdir /tmp/python
            cd /tmp/python
            apt-get -q -o APT::Sandbox::User=root update
            apt-get -q -o APT::Sandbox::User=root source --download-only --tar-only {sources}
            for source in {sources}; do
                mkdir $source
                tar -xf $source*_*.orig.tar.* --strip-components=1 --directory=$source
            done
            export MAKEFLAGS=\"--silent --jobs=$(nproc)\"
            {}
            touch {prefix}/is-complete
            rm -rf /tmp/python",
            python.plan.suite,
            python.suite,
            python.build,
            sources = python.sources.join(" "),
        );
        run(&format!("build the {} Python", python.name), &mut tree.command("sh", &["-ec", &build]))?;
    }
    // Nothing may complain, not even at the end of the interpreter.
    let words = format!(
        "{} && venv/bin/python -X dev -W error first.py 2> complaints && cat complaints && test ! -s complaints",
        in_venv(&format!("{prefix}/bin/{}", python.program))
    );
    sends(&format!("send from the {} Python", python.name), &mut tree.command("sh", &["-ec", &words])).map(Outcome::Ran)
}

/// On the Python of another processor.
pub(super) fn on_another(plan: &Plan, triple: &str, program: &str) -> Result<Outcome> {
    let Some(folder) = installed_for(plan.name, triple)? else { return not_packed() };
    let tree = Tree::of(plan)?;
    tree.bring(&folder)?;
    let first = format!("{CONSUMER}/first.py");
    sends(&format!("send from Python on {}", plan.name), &mut tree.command(program, &[&first])).map(Outcome::Ran)
}

/// On a Python for Windows, by wine.
pub(super) fn on_windows() -> Result<Outcome> {
    let Some(folder) = installed_for("windows", "x86_64-pc-windows-gnullvm")? else { return not_packed() };
    let tree = Tree::of(&consumers::WINE)?;
    tree.bring(&folder)?;
    tree.bring_along(&fetched::PYTHON_FOR_WINDOWS.python_for_windows()?, "python")?;
    let mut command = consumers::by_wine(&tree, &["python/python.exe", "first.py"]);
    sends("send from Python on Windows", &mut command).map(Outcome::Ran)
}

/// The package and the program in a folder. This system's pip installs for the other one, by the wheel's name alone.
fn installed_for(name: &str, triple: &str) -> Result<Option<PathBuf>> {
    let Some(wheel) = wheel(triple)? else { return Ok(None) };
    let folder = fresh(&format!("{name}-python"))?;
    let mut command = without_rust("python3");
    let words = ["-m", "pip", "-q", "--disable-pip-version-check", "install", "--no-index", "--no-deps"];
    command.args(words).args(["--only-binary", ":all:", "--implementation", "py"]);
    for platform in Target::named(triple)?.wheel.split('.') {
        command.args(["--platform", platform]);
    }
    run(&format!("install the wheel for {name}"), command.arg("--target").arg(&folder).arg(&wheel))?;
    write(&folder.join("first.py"), PROGRAM)?;
    Ok(Some(folder))
}

/// From the source package alone, where there are Rust, a C compiler and Python, and nothing of the project.
pub(super) fn sdist() -> Result<Outcome> {
    let Some(sdist) = python::source_package(&packed("python")) else { return not_packed() };
    let folder = fresh("sdist")?;
    copy(&sdist, &folder).map_err(|error| error.to_string())?;
    write(&folder.join("first.py"), PROGRAM)?;
    let tree = Tree::of(&consumers::SID_RUST)?;
    tree.bring(&folder)?;
    let words = "python3 -m venv venv && venv/bin/pip -q wheel --no-deps --wheel-dir made wildfirechat_message-*.tar.gz && \
                 venv/bin/pip -q install made/*.whl && venv/bin/python first.py";
    sends("build the source package and send", &mut tree.command("sh", &["-c", words])).map(Outcome::Ran)
}

/// From a checkout, by pip. Here Rust is on the path: it is built.
pub(super) fn checkout() -> Result<Outcome> {
    let folder = fresh("checkout")?;
    run("make a Python environment", Command::new("python3").args(["-m", "venv"]).arg(folder.join("venv")))?;
    let pip = folder.join("venv/bin/pip");
    let mut command = Command::new(&pip);
    command.args(["install", "--disable-pip-version-check"]).arg(root().join("bindings/python"));
    run("install the Python package from the checkout", &mut command)?;
    write(&folder.join("first.py"), PROGRAM)?;
    let mut command = Command::new(folder.join("venv/bin/python"));
    sends("send from Python", command.current_dir(&folder).arg("first.py")).map(Outcome::Ran)
}

/// Installs the wheel into an environment below `folder`; false where it was not packed.
pub(super) fn install_here(folder: &Path) -> Result<bool> {
    let Some(wheel) = wheel("x86_64-unknown-linux-gnu")? else { return Ok(false) };
    let python = ask("python3", &["-c", "import sys; print(sys.executable)"]).ok_or("Python is missing")?;
    install(&mut without_rust(&python), folder, &wheel)?;
    Ok(true)
}

fn install(python: &mut Command, folder: &Path, wheel: &Path) -> Result<()> {
    run("make a Python environment", python.args(["-m", "venv"]).arg(folder.join("venv")))?;
    let mut pip = without_rust(&folder.join("venv/bin/python").to_string_lossy());
    pip.args(["-m", "pip", "-q", "--disable-pip-version-check", "install", "--no-index"]).arg(wheel);
    run("install the wheel", &mut pip).map(drop)
}

/// The wheel of a target, if it was packed.
fn wheel(triple: &str) -> Result<Option<PathBuf>> {
    let platform = Target::named(triple)?.wheel;
    let name = format!("wildfirechat_message-{}-py3-none-{platform}.whl", python::version());
    let file = packed("python").join(name);
    Ok(file.exists().then_some(file))
}

fn not_packed() -> Result<Outcome> {
    Ok(Outcome::NotRun("it was not packed: cargo xtask package python".to_owned()))
}
