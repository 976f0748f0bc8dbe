//! Packs a zip file once more, more tightly: zopfli takes half a minute where the packers take a second, and what it writes is read
//! by everybody who reads theirs.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    thread,
};

use zip::{CompressionMethod, ZipArchive, ZipWriter, result::ZipError, write::SimpleFileOptions};

use crate::shell::Result;

/// From 10 on it is zopfli's; each step more is one more look at the whole, of which the second one gains a five hundredth.
const LEVEL: i64 = 10;

/// Packs each of `files` anew, its entries in the same order, with the same times and permissions. All at once: it takes long.
pub(crate) fn tighten(files: &[PathBuf]) -> Result<()> {
    thread::scope(|scope| {
        let packers: Vec<_> = files.iter().map(|file| scope.spawn(|| tighten_one(file))).collect();
        packers
            .into_iter()
            .try_for_each(|packer| packer.join().map_err(|_| "a thread that packs has ended".to_owned())?)
    })
}

fn tighten_one(file: &Path) -> Result<()> {
    let tighter = file.with_extension("tighter");
    repack(file, &tighter)
        .and_then(|()| Ok(fs::rename(&tighter, file)?))
        .map_err(|error| format!("pack {} more tightly: {error}", file.display()))
}

fn repack(from: &Path, to: &Path) -> std::result::Result<(), ZipError> {
    let mut from = ZipArchive::new(File::open(from)?)?;
    let mut to = ZipWriter::new(File::create(to)?);
    for at in 0..from.len() {
        let mut entry = from.by_index(at)?;
        let mut options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .compression_level(Some(LEVEL))
            .last_modified_time(entry.last_modified().unwrap_or_default());
        if let Some(mode) = entry.unix_mode() {
            options = options.unix_permissions(mode);
        }
        let name = entry.name()?.into_owned();
        to.start_file(name, options)?;
        io::copy(&mut entry, &mut to)?;
    }
    to.finish().map(drop)
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};

    use zip::DateTime;

    use super::*;

    #[test]
    fn what_is_inside_stays_as_it_is_and_takes_less_room() {
        let file = std::env::temp_dir().join(format!("xtask-tight-{}.whl", std::process::id()));
        let text: String = (0..2_000).map(|number| format!("{} of {number}\n", number * number % 977)).collect();
        let time = DateTime::from_date_and_time(2020, 1, 1, 0, 0, 0).unwrap();
        let options = SimpleFileOptions::default().last_modified_time(time).unix_permissions(0o100_755);
        let mut loose = ZipWriter::new(File::create(&file).unwrap());
        for (name, content) in [("a/lib.so", text.as_bytes()), ("a/RECORD", b"a/lib.so,,\n")] {
            loose.start_file(name, options.compression_method(CompressionMethod::Deflated)).unwrap();
            loose.write_all(content).unwrap();
        }
        loose.finish().unwrap();
        let before = fs::metadata(&file).unwrap().len();

        tighten(std::slice::from_ref(&file)).unwrap();

        let after = fs::metadata(&file).unwrap().len();
        assert!(after < before, "{before} {after}");
        let mut tight = ZipArchive::new(File::open(&file).unwrap()).unwrap();
        let names: Vec<String> = tight.file_names().map(|name| name.unwrap().into_owned()).collect();
        assert_eq!(names, ["a/lib.so", "a/RECORD"]);
        let mut entry = tight.by_name("a/lib.so").unwrap();
        assert_eq!((entry.last_modified(), entry.unix_mode()), (Some(time), Some(0o100_755)));
        let mut read = String::new();
        entry.read_to_string(&mut read).unwrap();
        assert_eq!(read, text);
        fs::remove_file(file).unwrap();
    }
}
