"""The languages of pages and errors, one module each with a `LANGUAGE`; `chalicelib.words` loads what is needed."""
