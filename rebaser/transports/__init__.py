"""Where images live, and how they are read and written there. Each place is one `ImageStore`."""
