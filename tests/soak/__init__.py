"""`make soak`: mixed load on a local network while its parts fail, then an audit of everything that is stored."""
