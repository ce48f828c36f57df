"""How we know: the worlds a model is put in, the exploring engine, the catalogue of checks."""
