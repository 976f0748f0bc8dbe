"""Builds the native library for the wheel, with Rust alone.

From the source package everything but the library is there. From a checkout the generated files are wanting too; the
project's own runner makes them.
"""

import json
import os
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

# As cargo calls it, by the crate that holds all that the wheel brings.
LIBRARIES = (
    "libwildfirechat_message_native.so",
    "libwildfirechat_message_native.dylib",
    "wildfirechat_message_native.dll",
)


class NativeLibrary(BuildHookInterface[Any]):
    """Puts the native library into a wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Builds the library, unless the environment names one that was built before."""
        if self.target_name != "wheel":
            if not self.sources.is_dir():
                sys.exit("the source package is made by: cargo xtask package python")
            return
        if version == "editable":
            sys.exit("wildfirechat-message cannot be installed in editable mode: its library is built, not written")
        library = self.library(build_data)
        name = library.name.replace("wildfirechat_message_native", "wildfirechat_message")
        build_data["force_include"][str(library)] = f"wildfirechat_message/_native/{name}"
        build_data["pure_python"] = False
        build_data["tag"] = f"py3-none-{os.environ.get('WILDFIRECHAT_WHEEL_PLATFORM') or platform()}"
        sbom = Path(self.root, "wildfirechat-message.cdx.json")
        if sbom.is_file():
            build_data.setdefault("sbom_files", []).append(str(sbom))

    @property
    def sources(self) -> Path:
        """The Rust sources in the source package."""
        return Path(self.root, "rust")

    def library(self, build_data: dict[str, Any]) -> Path:
        """The library of this machine, or the one that was built for another."""
        built = os.environ.get("WILDFIRECHAT_NATIVE_LIBRARY")
        if built:
            return Path(built)
        if self.sources.is_dir():
            # Not into the sources: those may be read-only, and whoever builds again wants to have it by then.
            target = os.environ.get("CARGO_TARGET_DIR") or tempfile.mkdtemp(prefix="wildfirechat-message-")
            wanted = ("--profile", "packed", "--locked", "--lib", "--package", "wildfirechat-message-native")
            return cargo(self.sources, "build", *wanted, "--target-dir", target)
        checkout = Path(self.root, "..", "..").resolve()
        if not (checkout / "xtask").is_dir():
            sys.exit(f"{self.root} is neither a source package of wildfirechat-message nor a checkout")
        answer = run(["cargo", "run", "--quiet", "--package", "xtask", "--", "python-sources"], checkout)
        generated, library = (Path(line) for line in answer.strip().splitlines()[-2:])
        for file in sorted(generated.rglob("*.py*")):
            if "__pycache__" not in file.parts:
                name = file.relative_to(generated).as_posix()
                build_data["force_include"][str(file)] = f"wildfirechat_message/{name}"
        return library


def cargo(folder: Path, *arguments: str) -> Path:
    """Runs cargo in `folder` and gives the shared library that came of it."""
    answer = run(["cargo", *arguments, "--message-format", "json-render-diagnostics"], folder)
    for line in reversed(answer.splitlines()):
        message = json.loads(line)
        for file in message.get("filenames", []) if message.get("reason") == "compiler-artifact" else []:
            if Path(file).name in LIBRARIES:
                return Path(file)
    sys.exit("cargo built no shared library: is the compiler's target one without them?")


def run(command: list[str], folder: Path) -> str:
    """What a program prints; what it complains of is shown as it comes."""
    try:
        return subprocess.run(command, cwd=folder, check=True, stdout=subprocess.PIPE, encoding="utf-8").stdout
    except FileNotFoundError:
        sys.exit("wildfirechat-message is built with Rust, which is not installed: see https://rustup.rs")
    except subprocess.CalledProcessError as failure:
        sys.exit(f"wildfirechat-message was not built: cargo ended with {failure.returncode}")


def platform() -> str:
    """Name this machine's platform as wheels do."""
    if sys.platform == "darwin":
        from packaging.tags import platform_tags

        return next(iter(platform_tags()))
    return sysconfig.get_platform().replace("-", "_").replace(".", "_")
