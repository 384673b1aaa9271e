"""One image as its containers see it: its file system, and what the files in it mean together."""
