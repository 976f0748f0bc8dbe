//! The programs: the message API for the shell, and the sandbox for whoever tests from a language that has no binding.

use std::{fs, path::Path};

use super::{
    Packed, archive,
    guard::{self, Kind},
    licences,
    native::Native,
    targets::{PROGRAMS, Target},
};
use crate::shell::{Result, executable};

/// Packs the programs of each target with their licences into `folder`, an archive each.
pub(super) fn pack(folder: &Path, natives: &[Native]) -> Result<Vec<Packed>> {
    let _ = fs::remove_dir_all(folder);
    let mut packed = Vec::new();
    for native in natives {
        for program in PROGRAMS {
            packed.push(pack_one(folder, native, program)?);
        }
    }
    Ok(packed)
}

fn pack_one(folder: &Path, native: &Native, program: &str) -> Result<Packed> {
    let name = of(program, native.target);
    let content = folder.join(&name);
    licences::write(&content, &[native.target])?;
    let inside = content.join(native.target.program(program));
    fs::copy(native.program(program), &inside).map_err(|error| format!("{}: {error}", inside.display()))?;
    // A build that comes from another machine may have lost this on its way: the workflow's artifacts carry no rights.
    executable(&inside)?;
    let file = folder.join(format!("{name}.tar.gz"));
    archive::tar_gz(&file, folder, &name)?;
    let kind = Kind::Program(native.target);
    Ok(Packed { size: guard::packed(kind, &file)?, limit: Some(kind.budget()), file })
}

/// What the archive of a program is called, and the folder inside.
pub(crate) fn of(program: &str, target: &Target) -> String {
    format!("{program}-{}-{}", env!("CARGO_PKG_VERSION"), target.triple)
}
