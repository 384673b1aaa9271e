"""What a layer holds, given its bytes: decompressed, walked, indexed and stacked. Nothing is extracted."""
