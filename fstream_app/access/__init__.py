"""Who may call: OAuth applications, tokens and codes, the consent of a person, and rate limits."""
