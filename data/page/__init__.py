"""Web pages: one tree per page, comments found by schema.org, by adapters or by repetition, then the article."""
