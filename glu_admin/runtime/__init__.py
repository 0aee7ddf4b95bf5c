"""What `./glu` runs on: the home folder, the embedded PostgreSQL and the supervisor.

It knows no campaign. Modules that start before Django (`home`, `parents`, `binaries`,
`postgres`, `bootstrap`, `testing`) never import it.
"""

import time

# When this process began to load, so that a start can say honestly how long it took.
STARTED = time.monotonic()
