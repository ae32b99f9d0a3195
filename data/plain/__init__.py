"""Plain-text dumps of pages: which lines are the article, which are comments, which are neither."""
