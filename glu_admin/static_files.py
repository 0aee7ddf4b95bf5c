"""Static files under names that hold their hash, so that browsers may keep them for ever.

Imports between JavaScript modules are rewritten to the hashed names too.
"""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # whitenoise has no types
    support_js_module_import_aggregation = True
