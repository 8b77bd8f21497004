"""Messages: posting, reading, visibility, paging, threads, reactions, and the notifications that they cause."""
