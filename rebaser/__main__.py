"""`python -m rebaser`."""

import sys

from rebaser.main import main

sys.exit(main())
