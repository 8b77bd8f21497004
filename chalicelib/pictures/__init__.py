"""Pictures as palette PNGs, drawn from ids in plain Python: avatars, headers, icons and the instance's thumbnail."""
