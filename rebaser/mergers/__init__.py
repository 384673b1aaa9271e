"""Mergers: three versions of a file, the old base's, the application's and the new base's, made into one."""
