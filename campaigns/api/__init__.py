"""What apps call: the campaigns of a person, plays, the SDK's configuration, entry points."""
