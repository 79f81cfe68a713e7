"""Runs every test: the unit tests and the rest side by side, for each half leaves a core idle much of the time.

Arguments go to pytest, which then runs what they say in one process. Exits with pytest's code of the half that failed.
"""

import os
import subprocess
import sys
import threading
from typing import IO

HALVES = (("tests/unit",), ("tests", "--ignore=tests/unit"))


def main() -> int:
    """Run them; the output of the second half is shown once the first has ended."""
    pytest = (sys.executable, "-m", "pytest")
    if len(sys.argv) > 1 or (os.cpu_count() or 1) < 2:
        return subprocess.run([*pytest, *sys.argv[1:]], check=False).returncode
    first = subprocess.Popen([*pytest, *HALVES[1]])
    second = subprocess.Popen([*pytest, *HALVES[0]], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert second.stdout is not None
    told: list[bytes] = []
    reading = threading.Thread(target=_read, args=(second.stdout, told))
    reading.start()
    codes = [_ended(first), _ended(second)]
    reading.join()
    sys.stdout.buffer.write(b"".join(told))
    sys.stdout.flush()
    return next((code for code in codes if code), 0)


def _ended(process: subprocess.Popen[bytes]) -> int:
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            continue  # pytest was interrupted too, and says what it has done


def _read(stream: IO[bytes], told: list[bytes]) -> None:
    told.extend(stream)


if __name__ == "__main__":
    sys.exit(main())
