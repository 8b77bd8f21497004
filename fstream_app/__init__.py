"""FSTREAM's domain: users, messages that expire, their delivery. Plain Python that never imports Chalice."""
