"""What the container runs: without a command, the action's job; else the command line."""

import os
import sys

from rebaser.main import main

if __name__ == "__main__":
    job = ["rebase"] if os.environ.get("GITHUB_ACTIONS") == "true" else ["--help"]
    sys.exit(main(sys.argv[1:] or job))
