//! Archives that are the same to the byte whenever the same files are packed. A release that is begun again then replaces no file by
//! a different one, and the checksum in the manifest for Swift stays right.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use flate2::{Compression, GzBuilder};
use tar::HeaderMode;
use zip::{CompressionMethod, ZipWriter, result::ZipError, write::SimpleFileOptions};

use crate::shell::Result;

/// Packs the folder `name`, which lies in `top`, as a `.tar.gz`. Programs keep the right to be run.
pub(crate) fn tar_gz(file: &Path, top: &Path, name: &str) -> Result<()> {
    write_tar(file, top, name).map_err(|error| format!("pack {}: {error}", file.display()))
}

fn write_tar(file: &Path, top: &Path, name: &str) -> io::Result<()> {
    // Without the time of the packing.
    let packer = GzBuilder::new().mtime(0).write(File::create(file)?, Compression::best());
    let mut archive = tar::Builder::new(packer);
    // One time and one owner for all.
    archive.mode(HeaderMode::Deterministic);
    for path in files(&top.join(name))? {
        let inside = path.strip_prefix(top).unwrap_or(&path);
        archive.append_path_with_name(&path, inside)?;
    }
    archive.into_inner()?.finish().map(drop)
}

/// Packs the folder `name`, which lies in `top`, as a zip.
pub(crate) fn zip(file: &Path, top: &Path, name: &str) -> Result<()> {
    write_zip(file, top, name).map_err(|error| format!("pack {}: {error}", file.display()))
}

fn write_zip(file: &Path, top: &Path, name: &str) -> std::result::Result<(), ZipError> {
    let mut archive = ZipWriter::new(File::create(file)?);
    // 9 is the last level before zopfli, which takes ten times as long.
    let options =
        SimpleFileOptions::default().compression_method(CompressionMethod::Deflated).compression_level(Some(9));
    for path in files(&top.join(name))? {
        // A zip has no other separator.
        let inside = path.strip_prefix(top).unwrap_or(&path).to_string_lossy().replace('\\', "/");
        archive.start_file(inside, options)?;
        io::copy(&mut File::open(&path)?, &mut archive)?;
    }
    archive.finish().map(drop)
}

/// All files below a folder, in the order of their names.
fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut entries = fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
    entries.sort();
    let mut all = Vec::new();
    for path in entries {
        if path.is_dir() { all.extend(files(&path)?) } else { all.push(path) }
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::*;
    use crate::package::guard;

    #[test]
    #[cfg(unix)]
    fn the_same_files_give_the_same_archive_at_any_time_and_programs_can_be_run() {
        use std::os::unix::fs::PermissionsExt;
        let top = std::env::temp_dir().join(format!("xtask-archive-{}", std::process::id()));
        let made = |number: u64| {
            let inside = top.join(number.to_string()).join("package");
            fs::create_dir_all(inside.join("bin")).unwrap();
            let mut names = ["LICENSE", "bin/program", "a"];
            // In another order, at another time.
            if number == 1 {
                names.reverse();
            }
            for name in names {
                let file = inside.join(name);
                fs::write(&file, name).unwrap();
                let mode = if name == "bin/program" { 0o755 } else { 0o600 };
                fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
                let time = SystemTime::now() - Duration::from_secs(number * 1_000_000);
                File::open(&file).unwrap().set_modified(time).unwrap();
            }
            let (tar, zipped) = (top.join(format!("{number}.tar.gz")), top.join(format!("{number}.zip")));
            tar_gz(&tar, &top.join(number.to_string()), "package").unwrap();
            zip(&zipped, &top.join(number.to_string()), "package").unwrap();
            (tar, zipped)
        };

        let (first, second) = (made(0), made(1));

        assert_eq!(fs::read(&first.0).unwrap(), fs::read(second.0).unwrap());
        assert_eq!(fs::read(&first.1).unwrap(), fs::read(second.1).unwrap());
        for archive in [first.0, first.1] {
            let unpacked = top.join("unpacked");
            guard::unpack(&archive, &unpacked).unwrap();
            for name in ["LICENSE", "bin/program", "a"] {
                assert_eq!(fs::read_to_string(unpacked.join("package").join(name)).unwrap(), name);
            }
            if archive.ends_with("0.tar.gz") {
                let mode = fs::metadata(unpacked.join("package/bin/program")).unwrap().permissions().mode();
                assert_eq!(mode & 0o777, 0o755);
            }
            fs::remove_dir_all(unpacked).unwrap();
        }
        fs::remove_dir_all(top).unwrap();
    }
}
