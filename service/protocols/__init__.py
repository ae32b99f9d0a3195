"""Wire protocols that comment platforms already speak, each translated to the same engine."""
