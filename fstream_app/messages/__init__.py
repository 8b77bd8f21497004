"""Messages: posting, reading, who may see one, threads, reactions, and the notifications that they make."""
