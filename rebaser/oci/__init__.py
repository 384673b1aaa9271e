"""What the OCI specifications define: values and parsing, nothing that reads or writes."""
