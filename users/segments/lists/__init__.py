"""Lists: segments of people whom somebody named, by hand, by the API or by a file.

A file is read and reported on first (check), then applied, and can be undone for 30 days.
Each step is a job that may break off anywhere and start again. members.py writes who is in.
"""
