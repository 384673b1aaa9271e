"""How a reader says that it cannot read."""


class MalformedError(Exception):
    """The content is not what its name promises, or larger than is read; the message says where it goes wrong."""
