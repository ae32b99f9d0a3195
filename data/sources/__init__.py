"""Where labelled comments come from: one reader per published source, each with licence, citation and checksums."""
