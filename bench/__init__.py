"""Times whole processes beside each other, through a proxy that adds latency and logs. See README.md."""
