"""Ways out of the county's network and into people's hands: messages and warnings."""
