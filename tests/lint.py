"""`make lint`, after ruff: floors, sizes, annotations, translations, migrations in step, templates that parse."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
environment = {key: value for key, value in os.environ.items() if key not in ("HUIYIN_HOME", "DATABASE_URL")}
sys.exit(subprocess.call([sys.executable, "-m", "pytest", "-q", "tests/house"], cwd=ROOT, env=environment))
