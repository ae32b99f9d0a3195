"""Tables of comments as people have them: CSV, TSV, JSON Lines, JSON arrays and Parquet, plain, .gz or .zst."""
