"""What the rebased image will be: pure rules on plain values."""
