"""The languages of HTML pages, one module each with a `LANGUAGE`; `chalicelib.words` loads the one that is needed."""
