"""Segments in the console: the list, one segment, and the form that builds a rule."""
