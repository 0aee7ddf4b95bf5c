"""The pages that people play on: wallet, games and programs, for the web view of an app."""
