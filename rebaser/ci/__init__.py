"""The services and terminals we run in: what comes in, and how progress is shown."""
