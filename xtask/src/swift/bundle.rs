//! The artifact bundle: the native libraries of all processors in one file, which SwiftPM fetches by URL and checksum.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::json;

use super::assemble;
use crate::{
    package::{archive, licences, native::Native, toolchain},
    shell::Result,
};

/// The module of the native library, which names the bundle too.
const MODULE: &str = "WildfireChatMessageFFI";

/// Where the files of a version are released.
fn release_url(file: &str) -> String {
    format!("{}/releases/download/v{}/{file}", env!("CARGO_PKG_REPOSITORY"), env!("CARGO_PKG_VERSION"))
}

/// Writes the header and the module map into `folder`, for the workflow that makes an XCFramework.
pub(super) fn write_headers(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    for (header, text) in assemble::headers()? {
        let file = folder.join(header);
        fs::write(&file, text).map_err(|error| format!("{}: {error}", file.display()))?;
    }
    Ok(())
}

/// Packs the archives of `natives` into a bundle in `folder`; returns the file.
pub(super) fn pack(folder: &Path, natives: &[&Native]) -> Result<PathBuf> {
    let name = format!("{MODULE}.artifactbundle");
    let bundle = folder.join(&name);
    let _ = fs::remove_dir_all(&bundle);
    let write = |path: &str, content: &[u8]| {
        let file = bundle.join(path);
        let made = file.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(&file, content));
        made.map_err(|error| format!("{}: {error}", file.display()))
    };
    write_headers(&bundle.join("include"))?;
    let mut variants = Vec::new();
    for native in natives {
        let path = format!("{}/libwildfirechat_message.a", native.target.triple);
        let archive = native.archive();
        write(&path, &fs::read(&archive).map_err(|error| format!("{}: {error}", archive.display()))?)?;
        variants.push(json!({
            "path": path,
            // The Swift of swift.org and that of Debian have different names for this machine.
            "supportedTriples": [native.target.triple, native.target.triple.replace("-unknown-", "-pc-")],
            "staticLibraryMetadata": { "headerPaths": ["include"], "moduleMapPath": "include/module.modulemap" },
        }));
    }
    let info = json!({
        "schemaVersion": "1.0",
        "artifacts": {
            MODULE: { "type": "staticLibrary", "version": env!("CARGO_PKG_VERSION"), "variants": variants },
        },
    });
    write("info.json", format!("{info:#}\n").as_bytes())?;
    let targets: Vec<_> = natives.iter().map(|native| native.target).collect();
    licences::write(&bundle, &targets)?;
    let file = folder.join(format!("{name}.zip"));
    archive::zip(&file, folder, &name)?;
    Ok(file)
}

/// The lines of the manifest that name the native library as it is released.
pub(super) fn by_url(bundle: &Path, folder: &Path) -> Result<String> {
    let linux = target(&release_url(&file_name(bundle)), &toolchain::sha256(bundle)?);
    let framework = folder.join(format!("{MODULE}.xcframework.zip"));
    let apple = match framework.exists() {
        true => target(&release_url(&file_name(&framework)), &toolchain::sha256(&framework)?),
        false => {
            "let native: Target = { fatalError(\"this release has no library for Apple's platforms\") }()".to_owned()
        }
    };
    Ok(format!("#if os(Linux)\n{linux}\n#else\n{apple}\n#endif"))
}

/// The manifest that names the bundle beside it instead of the released one.
pub(crate) fn from_url_to_path(manifest: &str, bundle: &Path) -> Result<String> {
    let released = target(&release_url(&file_name(bundle)), &toolchain::sha256(bundle)?);
    let beside = format!("let native: Target = .binaryTarget(name: {MODULE:?}, path: {:?})", file_name(bundle));
    match manifest.contains(&released) {
        true => Ok(manifest.replace(&released, &beside)),
        false => Err("the packed manifest does not name this bundle with its checksum".to_owned()),
    }
}

fn target(url: &str, checksum: &str) -> String {
    format!(
        "let native: Target = .binaryTarget(\n    name: {MODULE:?},\n    url: {url:?},\n    checksum: {checksum:?}\n)"
    )
}

fn file_name(file: &Path) -> String {
    file.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
