//! Makes the archive that Swift links to a sixth of its size: cargo's has bitcode and debug information of the standard
//! library in it, and every function that nobody can call.

use std::{collections::BTreeSet, fs, path::Path, process::Command};

use goblin::elf::Elf;

use super::toolchain;
use crate::shell::{Result, run};

/// Leaves out what no user of the library reads.
const SECTIONS: &str = "SECTIONS { /DISCARD/ : { *(.llvmbc) *(.llvmcmd) *(.debug_*) *(.comment) } }\n";

/// The function that runs the program `wildfirechat-message` for Python and the JVM.
pub(super) const PROGRAM: &str = "wildfirechat_message_run_program";

/// Links the archive into one object that begins at the functions which `shared` exports, and packs that.
pub(super) fn slim(archive: &Path, shared: &Path) -> Result<()> {
    let in_file = |error: std::io::Error| format!("{}: {error}", archive.display());
    let folder = archive.with_extension("slim");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).map_err(in_file)?;
    let (script, roots) = (folder.join("sections.ld"), folder.join("roots"));
    let (object, slim) = (folder.join("wildfirechat_message.o"), folder.join("slim.a"));
    let exported = exported(&fs::read(shared).map_err(in_file)?)?;
    // Swift has a program of its own, and no use for that one.
    let roots_of = exported.iter().filter(|name| *name != PROGRAM);
    let lines: Vec<String> = roots_of.map(|name| format!("--undefined={name}\n")).collect();
    fs::write(&script, SECTIONS).and_then(|()| fs::write(&roots, lines.concat())).map_err(in_file)?;
    let zig = toolchain::cross_compiler()?.site_packages()?.join("ziglang/zig");
    let mut link = Command::new(&zig);
    // Groups that are left with nothing in them are refused by older linkers.
    link.args(["ld.lld", "-r", "--force-group-allocation", "--gc-sections", "--strip-debug", "-T"]).arg(&script);
    link.arg("-o").arg(&object).arg(format!("@{}", roots.display())).arg(archive);
    run("slim the archive", &mut link)?;
    // Without times and owners, so that the same object gives the same archive.
    run("pack the archive", Command::new(&zig).args(["ar", "rcsD"]).arg(&slim).arg(&object))?;
    fs::rename(&slim, archive).and_then(|()| fs::remove_dir_all(&folder)).map_err(in_file)
}

/// The file that tells Windows' linkers what a library exports, for one that exports what `shared` does, made for this machine.
pub(super) fn export_list(shared: &Path, file: &Path) -> Result<()> {
    let content = fs::read(shared).map_err(|error| format!("{}: {error}", shared.display()))?;
    let names: Vec<String> = exported(&content)?.iter().map(|name| format!("  {name}\n")).collect();
    fs::write(file, format!("EXPORTS\n{}", names.concat())).map_err(|error| format!("{}: {error}", file.display()))
}

/// The names of the functions that other languages call. What is only read to generate code is not among them.
fn exported(shared: &[u8]) -> Result<BTreeSet<String>> {
    let elf = Elf::parse(shared).map_err(|error| format!("the library cannot be read: {error}"))?;
    let defined = elf.dynsyms.iter().filter(|symbol| !symbol.is_import() && symbol.st_name != 0);
    let names = defined.filter_map(|symbol| elf.dynstrtab.get_at(symbol.st_name));
    let names: BTreeSet<String> = names.filter(|name| !name.starts_with("UNIFFI_META_")).map(str::to_owned).collect();
    match names.is_empty() {
        true => Err("the library exports nothing".to_owned()),
        false => Ok(names),
    }
}
