"""What runs on your machine, never in Lambda: the local stack and the tools around it."""
