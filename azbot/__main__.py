"""``python -m azbot``: the same as the command ``azbot``."""

import sys

from azbot.cli import main

if __name__ == "__main__":
    sys.exit(main())
