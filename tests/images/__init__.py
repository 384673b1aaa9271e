"""Real images, made on the spot from Debian's packages: see README.md."""
