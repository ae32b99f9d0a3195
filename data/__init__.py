"""What a page, an article and a comment are, and where they come from: records, parser, exports, sources."""
