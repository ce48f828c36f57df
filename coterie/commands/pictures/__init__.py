"""Runs as pictures: space-time diagrams as text, as SVG, and as a page that one steps through."""
