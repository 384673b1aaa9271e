"""Moves an already-built container image onto an updated base image, in the registry, without rebuilding it."""

__version__ = "0.1.0"
