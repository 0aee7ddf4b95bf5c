"""What `./glu` runs on: the home folder, the embedded PostgreSQL and the supervisor.

It knows no campaign. Modules that start before Django (`home`, `parents`, `binaries`,
`postgres`, `bootstrap`, `testing`) never import it.
"""
