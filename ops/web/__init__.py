"""What writes the libraries of the web client."""
