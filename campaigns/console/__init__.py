"""The marketers' pages: overview, campaigns, the editor, and one campaign's figures."""
