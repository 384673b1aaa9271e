"""Applications on an old and a new base, and what becomes of them when they are moved: see README.md."""
