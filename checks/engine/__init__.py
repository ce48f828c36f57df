"""The exploring engine, and the plain explorer that defines what it must compute."""
