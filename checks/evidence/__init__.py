"""What a verdict was found of, so that one can tell later whether it still is."""
