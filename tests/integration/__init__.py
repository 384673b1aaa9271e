"""Tests against real engines, registries and images."""
