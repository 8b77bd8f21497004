"""People: users, names, passwords, the profile cache, relationships, search, and account deletion."""
