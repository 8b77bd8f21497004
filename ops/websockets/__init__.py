"""A WebSocket API of API Gateway, emulated on the local server's own port, with `@connections` for botocore."""
