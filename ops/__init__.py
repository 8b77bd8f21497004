"""Code that runs on a developer's machine, never in Lambda: the local stack, and the tools to deploy and operate."""
