//! The sandbox as a program, for whoever tests against it from a language that has no binding.

use std::{fs, path::Path, process::Command};

use super::{
    Packed,
    guard::{self, Kind},
    licences,
    native::Native,
};
use crate::shell::{Result, run};

/// Packs the program of each target with its licences into `folder`.
pub(super) fn pack(folder: &Path, natives: &[Native]) -> Result<Vec<Packed>> {
    let _ = fs::remove_dir_all(folder);
    let mut packed = Vec::new();
    for native in natives {
        let name = format!("wildfirechat-sandbox-{}-{}", env!("CARGO_PKG_VERSION"), native.target.triple);
        let content = folder.join(&name);
        licences::write(&content, &[native.target])?;
        let program = content.join(native.target.program());
        fs::copy(native.program(), &program).map_err(|error| format!("{}: {error}", program.display()))?;
        let file = folder.join(format!("{name}.tar.gz"));
        let mut command = Command::new("tar");
        command.args(["--owner=0", "--group=0", "-czf"]).arg(&file).arg("-C").arg(folder).arg(&name);
        run(&format!("pack the sandbox for {}", native.target.triple), &mut command)?;
        packed.push(Packed { size: guard::packed(Kind::Program(native.target), &file)?, file });
    }
    Ok(packed)
}
