"""The same two paths as most people would write them: DRF serializers and the ORM, pooled.

Written to be good work of its kind, not to lose: queries are joined and prefetched, keys and
foreign keys are indexed, nothing is asked twice.
"""
