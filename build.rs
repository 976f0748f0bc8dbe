//! Says how the library that other languages load is linked.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    // A library with threads and thread-locals of its own cannot be taken out from under them: on Linux it stays until the
    // process ends, whatever a loader is told. macOS does the same for every library with thread-locals.
    if std::env::var("CARGO_CFG_TARGET_OS").is_ok_and(|system| system == "linux") {
        println!("cargo::rustc-cdylib-link-arg=-Wl,-z,nodelete");
    }
}
