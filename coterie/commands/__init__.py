"""The command line: `coterie check`, `coterie list`, `coterie spec`."""
