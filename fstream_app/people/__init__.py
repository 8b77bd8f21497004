"""People: names, passwords, profiles, the relations between them, finding them, and deleting an account."""
