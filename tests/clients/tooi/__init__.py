"""Tests with tooi, a client for the terminal."""
