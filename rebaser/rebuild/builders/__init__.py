"""The builders, behind one seam: each says which commands build an image, and where the result then is."""
