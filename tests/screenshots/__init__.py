"""`make screenshots`: the pictures of the web client in docs/images, taken of a local network of made-up people."""
