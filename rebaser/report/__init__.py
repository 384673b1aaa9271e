"""The one model of what a run came to, and its shapes."""
