"""Trying what was stored, in containers of an engine, before any tag moves."""
