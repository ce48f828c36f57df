"""`coterie explore`: a world to walk through, as pages that a browser shows."""
