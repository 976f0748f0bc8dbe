//! Says how the library that other languages load is linked.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let is = |name: &str, value: &str| std::env::var(name).is_ok_and(|found| found == value);
    // A library with threads and thread-locals of its own cannot be taken out from under them: on Linux it stays until the
    // process ends, whatever a loader is told. macOS does the same for every library with thread-locals.
    if is("CARGO_CFG_TARGET_OS", "linux") {
        println!("cargo::rustc-cdylib-link-arg=-Wl,-z,nodelete");
    }
    // For Windows, whoever links it names what it is to export: zig's linker would export everything, and keep all of it.
    println!("cargo::rerun-if-env-changed=WILDFIRECHAT_EXPORTS");
    if let (true, Ok(file)) = (is("CARGO_CFG_TARGET_OS", "windows"), std::env::var("WILDFIRECHAT_EXPORTS")) {
        println!("cargo::rustc-cdylib-link-arg={file}");
    }
}
