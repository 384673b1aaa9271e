"""Building an image from its source on the new base, where a rebase cannot be proved."""
