"""What the program can be told to do: one module a command, each imported only when it is asked for."""
