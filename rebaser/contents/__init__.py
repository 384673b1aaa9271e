"""What files in a layer say: pure functions from their bytes to plain values. Whatever they read is hostile."""
