"""Access control: OAuth applications, tokens and codes, consent, and rate limits."""
