"""Images in a registry that speaks the OCI distribution specification, over HTTP."""
