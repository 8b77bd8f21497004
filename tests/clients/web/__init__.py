"""The requests of web clients, replayed as a browser sends them."""
