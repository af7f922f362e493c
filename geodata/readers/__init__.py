"""Files into frames in EPSG:4326: OpenStreetMap extracts, rosters, vector files."""
