"""Brewline, a coffee-shop app that does not exist: a month of its life, for a first look.

People, days and draws come from fixed seeds and the time of loading, so that the same load
gives the same story. Rows obey the same rules as real ones (`manage.py verify` passes), are
flagged, and can be taken out without a trace.
"""
