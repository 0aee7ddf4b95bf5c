"""Makes `.venv` and installs the locked packages; runs on any Python 3.12, before them.

An installation that was killed half-way is thrown away and made anew, because nobody can
tell which of its files are whole. Two starts at once wait for each other.
"""

import fcntl
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

UNFINISHED = ".glu-unfinished"


def main(root: Path, wanted: str, checksum: str) -> int:
    """Bring `.venv` to the state that `checksum` names; the exit status says if that worked."""
    folder = root / ".venv"
    with one_at_a_time(root):
        if is_ready(folder, wanted, checksum):
            return 0
        try:
            prepare(folder, root / "requirements" / f"{wanted}.txt")
        except subprocess.CalledProcessError as error:
            print(f"glu: the packages could not be installed:\n{error.stdout}", file=sys.stderr)
            return 2
        mark_ready(folder, wanted, checksum)
    return 0


@contextmanager
def one_at_a_time(root: Path) -> Iterator[None]:
    with open(root / ".venv.lock", "w", encoding="utf-8") as file:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX)
        yield


def is_ready(folder: Path, wanted: str, checksum: str) -> bool:
    marker = folder / f".glu-{wanted}"
    return marker.exists() and marker.read_text(encoding="utf-8").strip() == checksum and works(folder)


def works(folder: Path) -> bool:
    """Whether the environment's Python starts: the one it was made from may be gone."""
    try:
        command = [str(folder / "bin" / "python"), "-c", "import pip"]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def prepare(folder: Path, requirements: Path) -> None:
    if folder.exists() and ((folder / UNFINISHED).exists() or not works(folder)):
        shutil.rmtree(folder)
    folder.mkdir(exist_ok=True)
    (folder / UNFINISHED).touch()
    for marker in folder.glob(".glu-*"):
        if marker.name != UNFINISHED:
            marker.unlink()
    if not works(folder):
        print("  Making the Python environment (.venv) …", flush=True)
        run([sys.executable, "-m", "venv", str(folder)])
    print(
        f"  Installing the packages of {requirements.name}; the first time takes a minute or two …",
        flush=True,
    )
    command = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--require-hashes"]
    run([*command, "--disable-pip-version-check", "--no-input", "--requirement", str(requirements)])


def mark_ready(folder: Path, wanted: str, checksum: str) -> None:
    (folder / f".glu-{wanted}").write_text(checksum + "\n", encoding="utf-8")
    if wanted == "dev":
        # The development set holds the running set, so a later `run` need not install.
        (folder / ".glu-run").write_text(run_checksum(folder.parent) + "\n", encoding="utf-8")
    (folder / UNFINISHED).unlink()


def run_checksum(root: Path) -> str:
    """The same figure as the launcher's `cat run.txt run.txt | cksum`."""
    text = (root / "requirements" / "run.txt").read_bytes()
    done = subprocess.run(["cksum"], input=text + text, capture_output=True, check=True)
    return done.stdout.decode().strip()


def run(command: list[str]) -> None:
    """Quiet while it works; what it said is shown if it fails."""
    with tempfile.TemporaryFile("w+", encoding="utf-8") as output:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, check=False)
        if done.returncode != 0:
            output.seek(0)
            raise subprocess.CalledProcessError(done.returncode, command, output.read())


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2], sys.argv[3]))
