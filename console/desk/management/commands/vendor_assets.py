"""Third-party browser code: check what is vendored, or fetch it anew from npm."""

import hashlib
import io
import re
import subprocess
import tarfile
import tempfile
import tomllib
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

FOLDER = Path(settings.BASE_DIR) / "console/static/vendor"
MANIFEST = FOLDER / "VENDOR.toml"


def sums(folder: Path) -> dict[str, str]:
    """sha256 of every vendored file, by path inside the vendor folder."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != MANIFEST.name)
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def differences(folder: Path = FOLDER) -> list[str]:
    """Names of files that are missing, unrecorded or changed since they were vendored; empty when all is well."""
    recorded = tomllib.loads((folder / MANIFEST.name).read_text())["sha256"]
    found = sums(folder)
    return sorted(name for name in recorded.keys() | found.keys() if recorded.get(name) != found.get(name))


def symbol(name: str, svg: str) -> str:
    """One icon file as a <symbol>; stroke attributes live on the using <svg> (components.css)."""
    body = re.sub(r"\s+", " ", svg[svg.index(">", svg.index("<svg")) + 1 : svg.index("</svg>")]).strip()
    return f'<symbol id="{name}" viewBox="0 0 24 24">{body.replace("> <", "><")}</symbol>'


def npm_package(name: str, version: str) -> tarfile.TarFile:
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            ["npm", "pack", "--silent", f"{name}@{version}"],
            cwd=folder, check=True, capture_output=True, text=True,
        )  # fmt: skip
        data = (Path(folder) / done.stdout.split()[-1]).read_bytes()
    return tarfile.open(fileobj=io.BytesIO(data))


def fetch_all(folder: Path = FOLDER) -> None:
    """Download every package of the manifest, write its files, and record their sums."""
    text = (folder / MANIFEST.name).read_text()
    for entry in tomllib.loads(text).values():
        if "package" not in entry:
            continue
        package = npm_package(entry["package"], entry["version"])

        def read(name: str, package=package) -> str:
            return package.extractfile(f"package/{name}").read().decode()

        for source, target in entry["copy"].items():
            (folder / target).parent.mkdir(parents=True, exist_ok=True)
            (folder / target).write_text(read(source))
        if "sprite" in entry:
            symbols = "\n".join(symbol(name, read(f"icons/{name}.svg")) for name in entry["icons"])
            sprite = f'<svg xmlns="http://www.w3.org/2000/svg">\n{symbols}\n</svg>\n'
            (folder / entry["sprite"]).write_text(sprite)
    head = text[: text.index("[sha256]")]
    rows = "".join(f'"{name}" = "{value}"\n' for name, value in sums(folder).items())
    (folder / MANIFEST.name).write_text(f"{head}[sha256]\n{rows}")


class Command(BaseCommand):
    help = "Check the sums of vendored browser code, or fetch it anew (--fetch, needs npm)."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--fetch", action="store_true")

    def handle(self, *args, fetch: bool = False, **options) -> None:
        if fetch:
            fetch_all()
        if wrong := differences():
            raise CommandError("Differs from VENDOR.toml: " + ", ".join(wrong))
        self.stdout.write("Vendored files are as recorded.")
